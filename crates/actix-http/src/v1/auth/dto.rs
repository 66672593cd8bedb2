//! Bodies of the routes under `/v1/auth`.

use lectern_application::auth::{ChangePasswordInput, IssuedTokens, RegisterInput};
use lectern_domain::{
    account::{EmailAddress, FirstName, LastName, Password, PasswordPolicy, Username},
    surface::Surface,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    extract::MaybeIdempotencyKey,
    problem::{Fields, Problem},
};

/// Who registers. A user name or an e-mail address is needed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterBody {
    /// 1 to 64 letters, digits and `. _ - +`.
    #[schema(example = "ada", min_length = 1, max_length = 64)]
    username: Option<String>,
    /// An e-mail address.
    #[schema(example = "ada@example.org", format = Email, max_length = 254)]
    email: Option<String>,
    /// 8 to 256 characters, not one of the most common passwords.
    #[schema(value_type = String, format = Password, example = "correct horse battery staple", min_length = 8, max_length = 256)]
    password: SecretString,
    /// Given name, at most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    first_name: Option<String>,
    /// Family name, at most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    last_name: Option<String>,
}

impl RegisterBody {
    /// What it asks for, under a key if the request has one.
    pub(super) fn input(self, key: MaybeIdempotencyKey) -> Result<RegisterInput, Problem> {
        let mut fields = Fields::default();
        let username = fields.optional("/username", self.username.as_deref(), Username::parse);
        let email = fields.optional("/email", self.email.as_deref(), EmailAddress::parse);
        let first_name = fields.optional("/first_name", self.first_name.as_deref(), FirstName::parse);
        let last_name = fields.optional("/last_name", self.last_name.as_deref(), LastName::parse);
        let password = Password::new(self.password);
        if let Err(error) = &password {
            fields.add("/password", error);
        }
        fields.finish()?;
        let password = password.map_err(|error| Problem::field("/password", error.to_string()))?;
        Ok(RegisterInput {
            username,
            email,
            password,
            first_name,
            last_name,
            surface: Surface::V1,
            policy: PasswordPolicy::V1,
            idempotency_key: key.0,
        })
    }
}

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginBody {
    /// User name or e-mail address, in any letter case.
    #[schema(example = "ada")]
    pub(super) login: String,
    /// The password.
    #[schema(value_type = String, format = Password, example = "correct horse battery staple")]
    pub(super) password: SecretString,
    /// Whether to keep the session in cookies instead of answering the tokens.
    #[serde(default)]
    pub(super) cookies: bool,
}

/// What is refreshed. Without a body, the cookie is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RefreshBody {
    /// The refresh token.
    #[schema(value_type = String)]
    pub(super) refresh_token: SecretString,
}

/// From which password to which.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePasswordBody {
    /// The password as it is.
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// 8 to 256 characters, not one of the most common passwords.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    new_password: SecretString,
}

impl TryFrom<ChangePasswordBody> for ChangePasswordInput {
    type Error = Problem;

    fn try_from(body: ChangePasswordBody) -> Result<Self, Problem> {
        let new = Password::new(body.new_password)
            .map_err(|error| Problem::field("/new_password", error.to_string()))?;
        Ok(Self { current: body.current_password, new, policy: PasswordPolicy::V1 })
    }
}

/// A session's tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct TokensBody {
    /// For requests, as `Authorization: Bearer`. Missing if the session is kept in cookies.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// For `/v1/auth/refresh`. Missing if the session is kept in cookies.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: u64,
    /// Seconds until the refresh token expires.
    refresh_expires_in: u64,
    /// The session.
    session_id: Uuid,
}

impl TokensBody {
    pub(super) fn in_body(tokens: &IssuedTokens) -> Self {
        Self {
            access_token: Some(tokens.access_token.expose_secret().to_owned()),
            refresh_token: Some(tokens.refresh_token.expose_secret().to_owned()),
            ..Self::in_cookies(tokens)
        }
    }

    pub(super) fn in_cookies(tokens: &IssuedTokens) -> Self {
        Self {
            access_token: None,
            refresh_token: None,
            token_type: "bearer",
            expires_in: tokens.expires_in.as_secs(),
            refresh_expires_in: tokens.refresh_expires_in.as_secs(),
            session_id: tokens.session.0,
        }
    }
}
