//! Its bodies.

use lectern_application::{auth::RegisterInput, ports::AccountView};
use lectern_domain::{
    access::RoleName,
    account::{Password, Standing, Username},
    surface::Surface,
    time::Timestamp,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use crate::problem::{FieldError, Problem};

const BAD_USERNAME: &str = "Value error, Username must consist of Latin letters only and be between 5 and 64 characters \
    long.";
const BAD_PASSWORD: &str = "Value error, Password must be 8-256 characters long, include Latin letters (uppercase and \
    lowercase), numbers, and at least one special character.";

/// Who registers.
#[derive(Deserialize)]
pub(super) struct RegisterBody {
    username: String,
    password: SecretString,
}

impl RegisterBody {
    /// What it asks for.
    pub(super) fn input(self) -> Result<RegisterInput, Problem> {
        let name = &self.username;
        let is_name = (5..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphabetic());
        let username = Username::parse(name).ok().filter(|_| is_name);
        let surface = Surface::LazyLecture;
        let policy = surface.password_policy();
        let password = Password::new(self.password).ok();
        let password = password.filter(|password| policy.check(password, Default::default()).is_ok());
        let wrong =
            |pointer: &str, detail: &str| FieldError { pointer: pointer.into(), detail: detail.into() };
        match (username, password) {
            (Some(username), Some(password)) => Ok(RegisterInput {
                username: Some(username),
                email: None,
                password,
                first_name: None,
                last_name: None,
                surface,
                policy,
                idempotency_key: None,
            }),
            (username, password) => {
                let errors = [
                    username.is_none().then(|| wrong("/username", BAD_USERNAME)),
                    password.is_none().then(|| wrong("/password", BAD_PASSWORD)),
                ];
                Err(Problem::validation(errors.into_iter().flatten().collect()))
            }
        }
    }
}

/// An account.
#[derive(Serialize)]
pub(super) struct UserBody {
    id: i64,
    username: String,
    active: bool,
    can_interact: bool,
    role: RoleText,
    create_date: String,
    update_date: String,
}

#[derive(Serialize)]
struct RoleText(String);

impl From<&RoleName> for RoleText {
    fn from(role: &RoleName) -> Self {
        Self(role.as_str().to_owned())
    }
}

impl From<AccountView> for UserBody {
    fn from(account: AccountView) -> Self {
        let user = account.user.parts();
        Self {
            id: user.number.0,
            username: user.username.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
            active: user.standing == Standing::Active,
            can_interact: user.can_interact,
            role: (&user.role).into(),
            create_date: naive_utc(user.created_at),
            update_date: naive_utc(user.updated_at),
        }
    }
}

/// Tokens.
#[derive(Serialize)]
pub(super) struct TokensBody<'a> {
    pub(super) access_token: &'a str,
    pub(super) refresh_token: &'a str,
    /// `bearer`.
    pub(super) token_type: &'static str,
}

/// As its clients read times: in UTC, with six digits of a second and no offset.
pub(super) fn naive_utc(at: Timestamp) -> String {
    const FORMAT: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]");
    let nanoseconds = i128::from(at.as_micros()) * 1000;
    let at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    // All of its parts are there, so it can be written.
    at.format(FORMAT).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_six_digits_and_no_offset() {
        assert_eq!(naive_utc(Timestamp::from_micros(1_769_854_830_123_456)), "2026-01-31T10:20:30.123456");
        assert_eq!(naive_utc(Timestamp::from_micros(0)), "1970-01-01T00:00:00.000000");
    }
}
