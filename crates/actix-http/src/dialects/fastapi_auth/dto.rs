//! Its bodies.

use actix_web::http::StatusCode;
use lectern_application::{
    accounts::Change,
    auth::{ChangePasswordByLoginInput, RegisterInput},
};
use lectern_domain::{
    account::{EmailAddress, FirstName, LastName, Password},
    surface::Surface,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::account::{ByNumber, DeletedBody, ListedBody};
use crate::problem::{Fields, Problem};

/// What was sent for a name, if anything was: forms send blanks for what nobody filled in.
fn given(name: Option<&str>) -> Option<&str> {
    name.filter(|name| !name.trim().is_empty())
}

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
        let first_name = fields.optional("/first_name", given(self.first_name.as_deref()), FirstName::parse);
        let last_name = fields.optional("/last_name", given(self.last_name.as_deref()), LastName::parse);
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

/// From which password to which.
#[derive(Deserialize, ToSchema)]
#[schema(as = FastapiAuthChangePassword)]
pub(super) struct ChangePasswordBody {
    /// Whose.
    #[schema(example = "ada@example.org", format = Email)]
    email: String,
    /// The password that there is.
    #[schema(value_type = String, format = Password)]
    old_password: SecretString,
    /// 8 to 24 characters, among them a small letter, a capital letter and a digit, and none of `@ " < >`.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 24)]
    new_password: SecretString,
}

impl TryFrom<ChangePasswordBody> for ChangePasswordByLoginInput {
    type Error = Problem;

    fn try_from(body: ChangePasswordBody) -> Result<Self, Problem> {
        let new = Password::new(body.new_password);
        let new = new.map_err(|error| Problem::field("/new_password", error.to_string()))?;
        let policy = Surface::FastapiAuth.password_policy();
        Ok(Self { login: body.email, old: body.old_password, new, policy })
    }
}

/// Both names of the holder.
#[derive(Deserialize, ToSchema)]
#[schema(as = FastapiAuthNames)]
pub(super) struct NamesBody {
    /// Given name, at most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    first_name: Option<String>,
    /// Family name, at most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    last_name: Option<String>,
}

impl NamesBody {
    /// The names that the account is to have.
    pub(super) fn changes(&self) -> Result<(Change<FirstName>, Change<LastName>), Problem> {
        let (Some(first), Some(last)) = (given(self.first_name.as_deref()), given(self.last_name.as_deref()))
        else {
            return Err(Problem::new(StatusCode::BAD_REQUEST, "name_missing", "Unable to update profile"));
        };
        let mut fields = Fields::default();
        let first = fields.required("/first_name", first, FirstName::parse);
        let last = fields.required("/last_name", last, LastName::parse);
        fields.finish()?;
        Ok((Change::To(first), Change::To(last)))
    }
}

/// A change of one's own balance.
#[derive(Deserialize, ToSchema)]
#[schema(as = FastapiAuthBalanceChange)]
pub(super) struct BalanceChangeBody {
    /// How much to add, or to take if it is negative, in integer units.
    #[schema(example = -30)]
    pub(super) amount: i64,
}

/// A balance.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthBalance)]
pub(super) struct BalanceBody {
    /// Integer units.
    pub(super) balance: i64,
}

/// What a balance came to.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthNewBalance)]
pub(super) struct NewBalanceBody {
    /// Integer units.
    pub(super) new_balance: i64,
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthMe)]
pub(super) struct MeBody {
    /// The account's number.
    pub(super) user_id: i64,
}

/// What was done.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthMessage)]
pub(super) struct MessageBody {
    /// In words.
    pub(super) message: String,
}

/// Accounts.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthUsers)]
pub(super) struct UsersBody {
    /// By their numbers, in the order that was asked for.
    #[schema(value_type = std::collections::BTreeMap<String, ListedBody>)]
    pub(super) users: ByNumber,
}

/// Deleted accounts.
#[derive(Serialize, ToSchema)]
#[schema(as = FastapiAuthDeletedUsers)]
pub(super) struct DeletedUsersBody {
    /// The one that was deleted last first.
    pub(super) deleted_users: Vec<DeletedBody>,
}
