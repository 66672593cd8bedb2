//! Bodies about accounts, and how times are written.

pub(super) mod transcriptions;

use lectern_application::{accounts::ChangeByAdminTokenInput, auth::RegisterInput};
use lectern_domain::{
    account::{EmailAddress, Password, PasswordContext, Standing, UserParts, Username},
    surface::Surface,
    time::Timestamp,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};

use utoipa::ToSchema;

use crate::problem::{Fields, Problem};

const SURFACE: Surface = Surface::LazyLecture;
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
        let mut fields = Fields::default();
        let username = fields.required("/username", &self.username, username);
        let password = password(self.password);
        if password.is_none() {
            fields.add("/password", &BAD_PASSWORD);
        }
        let Some(password) = password else { return Err(fields.into_problem()) };
        fields.finish()?;
        Ok(RegisterInput {
            username,
            email: None,
            password,
            first_name: None,
            last_name: None,
            surface: SURFACE,
            policy: SURFACE.password_policy(),
            idempotency_key: None,
        })
    }
}

fn username(name: &str) -> Result<Username, &'static str> {
    let is_name = (5..=64).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphabetic());
    Username::parse(name).ok().filter(|_| is_name).ok_or(BAD_USERNAME)
}

/// The password, if its policy accepts it.
fn password(text: SecretString) -> Option<Password> {
    let password = Password::new(text).ok()?;
    SURFACE.password_policy().check(&password, PasswordContext::default()).is_ok().then_some(password)
}

/// What to change. What is left out or null stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = LazyLecturePatch)]
pub(super) struct PatchBody {
    /// The new password: 8 to 256 characters, of them a Latin letter in upper and one in lower case, a digit, and one of
    /// `!@#$%^&*(),.?":{}|<>=_`.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
    /// Whether it may upload.
    can_interact: Option<bool>,
}

impl PatchBody {
    /// What it asks for.
    pub(super) fn input(self) -> Result<ChangeByAdminTokenInput, Problem> {
        let given = self.password.map(|text| password(text).ok_or(BAD_PASSWORD)).transpose();
        Ok(ChangeByAdminTokenInput {
            password: given.map_err(|text| Problem::field("/password", text))?,
            policy: SURFACE.password_policy(),
            can_interact: self.can_interact,
        })
    }
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLectureUser)]
pub(super) struct UserBody {
    /// Its number.
    id: i64,
    /// What it signs in with: the user name, else the e-mail address.
    username: String,
    /// Whether it can be used: it is neither blocked nor deleted.
    active: bool,
    /// Whether it may upload.
    can_interact: bool,
    /// Its role.
    #[schema(example = "user")]
    role: String,
    /// When it was made, in UTC.
    #[schema(example = "2026-01-31T10:20:30.123456")]
    create_date: String,
    /// When it last changed, in UTC.
    #[schema(example = "2026-01-31T10:20:30.123456")]
    update_date: String,
}

impl UserBody {
    /// An account, with its password's hash or without.
    pub(super) fn new<H>(user: &UserParts<H>) -> Self {
        let username = user.username.as_ref().map(Username::as_str);
        let email = user.email.as_ref().map(EmailAddress::as_str);
        Self {
            id: user.number.0,
            username: username.or(email).unwrap_or_default().to_owned(),
            active: user.standing == Standing::Active,
            can_interact: user.can_interact,
            role: user.role.as_str().to_owned(),
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

/// Whether the service is up.
#[derive(Serialize, ToSchema)]
#[schema(as = LazyLectureRoot)]
pub(super) struct RootBody {
    /// True: this answers.
    pub(super) api: bool,
    /// Whether the database answers.
    pub(super) database: bool,
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
