//! Getting back in without the password: ask, show the code from the mail, choose another.

use actix_web::{HttpResponse, http::header, post, web::Data};
use lectern_application::{auth::ResetPasswordInput, ports::LimitClass};
use lectern_domain::{
    account::{EmailAddress, Password, PasswordPolicy},
    challenge::{ChallengeToken, Code},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::Api,
    extract::{ClientOrigin, Json},
    failures::{BodyFailures, PublicFailures, TooMany},
    limits::limited,
    problem::Problem,
};

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgotBody {
    /// The account's e-mail address.
    #[schema(example = "ada@example.org", format = Email, max_length = 254)]
    email: String,
}

/// What the code from the mail is for.
#[derive(Serialize, ToSchema)]
pub(super) struct ResetTokenBody {
    /// Works once its code was confirmed, for ten minutes in all.
    #[schema(min_length = 43, max_length = 43)]
    reset_token: String,
}

impl From<ChallengeToken> for ResetTokenBody {
    fn from(token: ChallengeToken) -> Self {
        Self { reset_token: token.encoded().expose_secret().to_owned() }
    }
}

/// A token and its code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmBody {
    /// From `/v1/auth/password/forgot`.
    #[schema(value_type = String)]
    reset_token: SecretString,
    /// The six digits from the mail.
    #[schema(value_type = String, example = "012345")]
    code: SecretString,
}

/// A token whose code was confirmed, and the new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ResetBody {
    /// From `/v1/auth/password/forgot`.
    #[schema(value_type = String)]
    reset_token: SecretString,
    /// 8 to 256 characters, not one of the most common passwords.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    new_password: SecretString,
}

impl TryFrom<ResetBody> for ResetPasswordInput {
    type Error = Problem;

    fn try_from(body: ResetBody) -> Result<Self, Problem> {
        let new = Password::new(body.new_password)
            .map_err(|error| Problem::field("/new_password", error.to_string()))?;
        Ok(Self { token: body.reset_token, new, policy: PasswordPolicy::V1 })
    }
}

/// The code in a field of a body.
pub(super) fn code(pointer: &str, text: &SecretString) -> Result<Code, Problem> {
    Code::parse(text.expose_secret()).map_err(|error| Problem::field(pointer, error.to_string()))
}

/// Ask for a way back in. If an active account has the address, a code is mailed to it; the answer is the same in any
/// case, also when too many were asked for and no more are mailed for some minutes.
#[utoipa::path(
    tag = "auth",
    request_body = ForgotBody,
    responses((status = 202, body = ResetTokenBody), BodyFailures, PublicFailures, TooMany)
)]
#[post("/auth/password/forgot", wrap = "limited(LimitClass::Recovery)")]
pub(super) async fn forgot(
    api: Data<Api>,
    origin: ClientOrigin,
    body: Json<ForgotBody>,
) -> Result<HttpResponse, Problem> {
    let address = EmailAddress::parse(&body.0.email);
    let address = address.map_err(|error| Problem::field("/email", error.to_string()))?;
    let token = api.forgot_password.execute(&address, &origin.0).await?;
    let mut response = HttpResponse::Accepted();
    Ok(response.insert_header((header::CACHE_CONTROL, "no-store")).json(ResetTokenBody::from(token)))
}

/// Show the code from the mail, so that the token works. Five wrong codes end the token; whatever is wrong with token or
/// code is answered with 422 and the code `reset_code_invalid`.
#[utoipa::path(
    tag = "auth",
    request_body = ConfirmBody,
    responses((status = 204), BodyFailures, PublicFailures, TooMany)
)]
#[post("/auth/password/confirm", wrap = "limited(LimitClass::Recovery)")]
pub(super) async fn confirm(api: Data<Api>, body: Json<ConfirmBody>) -> Result<HttpResponse, Problem> {
    let code = code("/code", &body.0.code)?;
    api.confirm_reset.execute(&body.0.reset_token, &code).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Replace the password. All devices are signed out. A token that doesn't work is answered with 422 and the code
/// `reset_token_invalid`; one whose new password is refused works on.
#[utoipa::path(
    tag = "auth",
    request_body = ResetBody,
    responses((status = 204), BodyFailures, PublicFailures, TooMany)
)]
#[post("/auth/password/reset", wrap = "limited(LimitClass::Recovery)")]
pub(super) async fn reset(
    api: Data<Api>,
    origin: ClientOrigin,
    body: Json<ResetBody>,
) -> Result<HttpResponse, Problem> {
    api.reset_password.execute(body.0.try_into()?, &origin.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
