//! Its bodies.

use lectern_application::auth::RegisterInput;
use lectern_domain::{
    account::{EmailAddress, Password, Username},
    surface::Surface,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::problem::{Fields, Problem};

/// The most characters of a user name.
const USERNAME_CHARS: usize = 20;

/// Who registers.
#[derive(Deserialize)]
pub(super) struct RegisterBody {
    username: String,
    email: String,
    password: SecretString,
}

impl RegisterBody {
    /// What it asks for.
    pub(super) fn input(self) -> Result<RegisterInput, Problem> {
        let mut fields = Fields::default();
        let username = fields.required("/username", &self.username, Username::parse);
        if self.username.chars().count() > USERNAME_CHARS {
            fields.add("/username", &format_args!("must be at most {USERNAME_CHARS} characters long"));
        }
        let email = fields.required("/email", &self.email, EmailAddress::parse);
        fields.finish()?;
        let surface = Surface::FastWeb;
        Ok(RegisterInput {
            username,
            email,
            password: Password::new(self.password)
                .map_err(|error| Problem::field("/password", error.to_string()))?,
            first_name: None,
            last_name: None,
            surface,
            policy: surface.password_policy(),
            idempotency_key: None,
        })
    }
}

/// What was done, in words.
#[derive(Serialize)]
pub(super) struct MessageBody {
    pub(super) message: String,
}
