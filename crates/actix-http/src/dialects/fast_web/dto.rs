//! Its bodies.

use lectern_application::{auth::RegisterInput, ports::AccountSnapshot};
use lectern_domain::{
    access::RoleName,
    account::{EmailAddress, Password, Standing, Username},
    surface::Surface,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    problem::{Fields, Problem},
    v1::rfc3339,
};

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
#[derive(Serialize, ToSchema)]
#[schema(as = FastWebMessage)]
pub(super) struct MessageBody {
    pub(super) message: String,
}

/// Where to go when the cookies are renewed. What else a query has is left alone: paths that were not encoded fall apart.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct RefreshParams {
    /// A path on this site, percent-encoded; `/` if left out.
    pub(super) redirect_url: Option<String>,
}

/// Somebody's own account.
#[derive(Serialize, ToSchema)]
#[schema(as = FastWebUser)]
pub(super) struct UserBody<'a> {
    id: Uuid,
    username: Option<&'a str>,
    email: Option<&'a str>,
    is_active: bool,
    is_superuser: bool,
    is_verified: bool,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl<'a> From<&'a AccountSnapshot> for UserBody<'a> {
    fn from(account: &'a AccountSnapshot) -> Self {
        let user = account.user.parts();
        Self {
            id: user.id.0,
            username: user.username.as_ref().map(Username::as_str),
            email: user.email.as_ref().map(EmailAddress::as_str),
            is_active: user.standing == Standing::Active,
            is_superuser: user.role == RoleName::ADMIN,
            is_verified: user.email_verified_at.is_some(),
            created_at: rfc3339(user.created_at),
            updated_at: rfc3339(user.updated_at),
        }
    }
}
