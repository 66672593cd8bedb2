//! Its bodies.

use std::net::IpAddr;

use actix_web::http::StatusCode;
use lectern_application::auth::{LoginInput, RegisterInput, ResetPasswordInput};
use lectern_domain::{
    account::{EmailAddress, FirstName, Password, PasswordTooLong, PasswordViolation},
    challenge::ChallengeToken,
    session::Session,
    surface::Surface,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{error::REFUSED_INPUT, wording};
use crate::problem::Problem;

/// The most characters of a name.
const NAME_CHARS: usize = 64;

/// Input that is refused, in the words of this dialect.
pub(super) fn refused(text: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, REFUSED_INPUT, text)
}

/// A password that the policy refuses.
pub(super) fn weak(violation: PasswordViolation) -> Problem {
    refused(wording::weak(violation))
}

/// A password without the white space around it.
fn stripped(password: &SecretString) -> SecretString {
    password.expose_secret().trim().into()
}

/// A password to be set, as far as it can be hashed at all.
fn password(given: &SecretString) -> Result<Password, Problem> {
    Password::new(stripped(given))
        .map_err(|PasswordTooLong| weak(PasswordViolation::TooManyBytes { max: max_password_bytes() }))
}

const fn max_password_bytes() -> usize {
    Surface::Katkru.password_policy().max_bytes
}

fn address(text: &str) -> Result<EmailAddress, Problem> {
    EmailAddress::parse(text).map_err(|_| refused(wording::BAD_ADDRESS))
}

/// Who signs up.
#[derive(Deserialize, ToSchema)]
#[schema(as = KatkruSignUp)]
pub(super) struct SignUpBody {
    /// 8 characters to 72 bytes, with a digit, a special character and an upper-case letter, without Cyrillic letters and white
    /// space. White space around it is taken away.
    #[schema(value_type = String, format = Password, example = "Passw0rd!")]
    passw: SecretString,
    /// The e-mail address to sign in with.
    #[schema(example = "ada@example.org", format = Email, max_length = 254)]
    email: String,
    /// The account's first name.
    #[schema(example = "Ada", min_length = 1, max_length = 64)]
    name: String,
}

impl SignUpBody {
    /// What it asks for.
    pub(super) fn input(self) -> Result<RegisterInput, Problem> {
        let email = address(&self.email)?;
        let name = FirstName::parse(&self.name).ok();
        let name = name.filter(|name| name.as_str().chars().count() <= NAME_CHARS);
        let surface = Surface::Katkru;
        Ok(RegisterInput {
            username: None,
            email: Some(email),
            password: password(&self.passw)?,
            first_name: Some(name.ok_or_else(|| refused(wording::BAD_NAME))?),
            last_name: None,
            surface,
            policy: surface.password_policy(),
            idempotency_key: None,
        })
    }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[schema(as = KatkruLogin)]
pub(super) struct LoginBody {
    /// The e-mail address.
    #[schema(example = "ada@example.org")]
    email: String,
    /// The password. White space around it is taken away.
    #[schema(value_type = String, format = Password, example = "Passw0rd!")]
    passw: SecretString,
}

impl From<LoginBody> for LoginInput {
    fn from(body: LoginBody) -> Self {
        Self { login: body.email, password: stripped(&body.passw), surface: Surface::Katkru }
    }
}

/// What was done.
#[derive(Serialize, ToSchema)]
#[schema(as = KatkruDone)]
pub(super) struct DoneBody {
    /// Always true.
    success: bool,
    /// What it was, in Russian.
    message: &'static str,
}

/// It was done.
pub(super) const fn done(message: &'static str) -> DoneBody {
    DoneBody { success: true, message }
}

/// A device that the account is signed in on.
#[derive(Serialize, ToSchema)]
#[schema(as = KatkruSeance)]
struct SeanceBody {
    /// What the client calls itself, at most 200 characters; empty if it doesn't.
    user_agent: String,
    /// The address it was last signed in from, if known.
    #[schema(value_type = Option<String>)]
    ip: Option<IpAddr>,
}

/// The devices that the account is signed in on.
#[derive(Serialize, ToSchema)]
#[schema(as = KatkruSeances)]
pub(super) struct SeancesBody {
    /// The most recently used first.
    seances: Vec<SeanceBody>,
}

impl From<Vec<Session>> for SeancesBody {
    fn from(sessions: Vec<Session>) -> Self {
        let seances = sessions.iter().map(|session| {
            let device = &session.parts().device;
            SeanceBody { user_agent: device.user_agent.as_str().to_owned(), ip: device.ip }
        });
        Self { seances: seances.collect() }
    }
}

/// Whose password was forgotten.
#[derive(Deserialize, ToSchema)]
#[schema(as = KatkruForgot)]
pub(super) struct ForgotBody {
    /// The account's e-mail address.
    #[schema(example = "ada@example.org", format = Email)]
    email: String,
}

impl ForgotBody {
    /// The address.
    pub(super) fn address(&self) -> Result<EmailAddress, Problem> {
        address(&self.email)
    }
}

/// What the code from the mail is for.
#[derive(Serialize, ToSchema)]
#[schema(as = KatkruResetToken)]
pub(super) struct ResetTokenBody {
    /// Works once its code was confirmed, for ten minutes in all.
    #[schema(min_length = 43, max_length = 43)]
    reset_token: String,
    /// The same whether or not somebody has the address.
    message: &'static str,
}

impl From<ChallengeToken> for ResetTokenBody {
    fn from(token: ChallengeToken) -> Self {
        Self { reset_token: token.encoded().expose_secret().to_owned(), message: wording::CODE_SENT }
    }
}

/// A token and its code.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CompareParams {
    /// From `forget_passw`.
    #[param(value_type = String)]
    pub(super) reset_token: SecretString,
    /// The six digits from the mail.
    #[param(value_type = String, example = "012345")]
    pub(super) code: SecretString,
}

/// A token whose code was confirmed, and the new password.
#[derive(Deserialize, ToSchema)]
#[schema(as = KatkruNewPassword)]
pub(super) struct NewPasswordBody {
    /// As for signing up.
    #[schema(value_type = String, format = Password, example = "Passw0rd!")]
    passw: SecretString,
    /// From `forget_passw`.
    #[schema(value_type = String)]
    reset_token: SecretString,
}

impl TryFrom<NewPasswordBody> for ResetPasswordInput {
    type Error = Problem;

    fn try_from(body: NewPasswordBody) -> Result<Self, Problem> {
        let new = password(&body.passw)?;
        Ok(Self { token: body.reset_token, new, policy: Surface::Katkru.password_policy() })
    }
}
