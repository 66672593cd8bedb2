//! Showing that an e-mail address is one's own: one path to ask for the code, and to show it.

use actix_web::{FromRequest, HttpRequest, HttpResponse, http::header, post, web::Data};
use lectern_application::ports::LimitClass;
use lectern_domain::challenge::{ChallengeToken, Code};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::password_reset::code;
use crate::{
    api::Api,
    extract::{ClientOrigin, MaybeJson, SignedIn},
    failures::{BodyFailures, CallerFailures, Clash, TooMany},
    limits::limited,
    problem::{Fields, Problem},
};

/// Nothing, to ask for a code; or the token with its code.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifyEmailBody {
    /// From the answer to the request for a code.
    #[schema(value_type = Option<String>)]
    verification_token: Option<SecretString>,
    /// The six digits from the mail.
    #[schema(value_type = Option<String>, example = "012345")]
    code: Option<SecretString>,
}

/// What somebody wants here.
enum Step {
    Ask,
    Show { token: SecretString, code: Code },
}

impl TryFrom<VerifyEmailBody> for Step {
    type Error = Problem;

    fn try_from(body: VerifyEmailBody) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        match (body.verification_token, body.code) {
            (None, None) => return Ok(Self::Ask),
            (Some(token), Some(digits)) => return Ok(Self::Show { token, code: code("/code", &digits)? }),
            (None, Some(_)) => fields.add("/verification_token", &"is needed with the code"),
            (Some(_), None) => fields.add("/code", &"is needed with the token"),
        }
        fields.finish().map(|()| Self::Ask)
    }
}

/// What the code from the mail is for.
#[derive(Serialize, ToSchema)]
pub(super) struct VerificationTokenBody {
    /// To be sent with the code, within ten minutes.
    #[schema(min_length = 43, max_length = 43)]
    verification_token: String,
}

impl From<ChallengeToken> for VerificationTokenBody {
    fn from(token: ChallengeToken) -> Self {
        Self { verification_token: token.encoded().expose_secret().to_owned() }
    }
}

/// Verify one's e-mail address. Signed in and without a body: a code is mailed to it. With the token and that code, by
/// anybody: it is verified. Whatever is wrong with token or code is answered with 422 and the code
/// `verification_code_invalid`.
#[utoipa::path(
    tag = "auth",
    request_body = Option<VerifyEmailBody>,
    security((), ("bearer" = []), ("cookie" = [])),
    responses(
        (status = 202, body = VerificationTokenBody, description = "The code is on its way"),
        (status = 204, description = "The address is verified"),
        BodyFailures, CallerFailures, Clash, TooMany,
    )
)]
#[post("/auth/email/verify", wrap = "limited(LimitClass::Recovery)")]
pub(super) async fn verify(
    api: Data<Api>,
    origin: ClientOrigin,
    request: HttpRequest,
    body: MaybeJson<VerifyEmailBody>,
) -> Result<HttpResponse, Problem> {
    match body.0.unwrap_or_default().try_into()? {
        Step::Ask => {
            let caller = SignedIn::extract(&request).await?;
            let token = api.request_email_verification.execute(&caller.0).await?;
            let mut response = HttpResponse::Accepted();
            response.insert_header((header::CACHE_CONTROL, "no-store"));
            Ok(response.json(VerificationTokenBody::from(token)))
        }
        Step::Show { token, code } => {
            api.confirm_email_verification.execute(&token, &code, &origin.0).await?;
            Ok(HttpResponse::NoContent().finish())
        }
    }
}
