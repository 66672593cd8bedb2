//! Its bodies.

use lectern_application::auth::RegisterInput;
use lectern_domain::{
    account::{EmailAddress, FirstName, LastName, Password},
    surface::Surface,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::problem::{Fields, Problem};

/// Who registers.
#[derive(Deserialize)]
pub(super) struct RegisterBody {
    email: String,
    password: SecretString,
    first_name: Option<String>,
    last_name: Option<String>,
}

impl RegisterBody {
    /// What it asks for.
    pub(super) fn input(self) -> Result<RegisterInput, Problem> {
        let mut fields = Fields::default();
        let email = fields.required("/email", &self.email, EmailAddress::parse);
        let first_name = fields.optional("/first_name", self.first_name.as_deref(), FirstName::parse);
        let last_name = fields.optional("/last_name", self.last_name.as_deref(), LastName::parse);
        fields.finish()?;
        let surface = Surface::FastapiAuth;
        Ok(RegisterInput {
            username: None,
            email,
            password: Password::new(self.password)
                .map_err(|error| Problem::field("/password", error.to_string()))?,
            first_name,
            last_name,
            surface,
            policy: surface.password_policy(),
            idempotency_key: None,
        })
    }
}

/// Who has an account now.
#[derive(Serialize)]
pub(super) struct RegisteredBody<'a> {
    pub(super) email: &'a str,
}

/// The form that somebody signs in with. Its other fields (`grant_type`, `scope`, …) mean nothing here.
#[derive(Deserialize)]
pub(super) struct LoginForm {
    /// The e-mail address.
    pub(super) username: String,
    pub(super) password: SecretString,
}

/// Tokens.
#[derive(Serialize)]
pub(super) struct TokensBody<'a> {
    pub(super) access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<&'a str>,
    /// `bearer`.
    pub(super) token_type: &'static str,
}
