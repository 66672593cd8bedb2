//! Names of people and accounts.

use std::fmt;

use crate::text::{self, TextError, bounded_text};

bounded_text!(
    /// A given name.
    FirstName, 100
);
bounded_text!(
    /// A family name.
    LastName, 100
);
bounded_text!(
    /// The name that others see, when it differs from the user name.
    DisplayName, 100
);

/// What somebody signs in with: 1 to 64 letters, digits and `. _ - +`, beginning with a letter or a digit.
///
/// Compared case-insensitively after NFC, as in the `UsernameCaseMapped` profile of RFC 8265. It holds no `@`, so
/// that a login is either a user name or an e-mail address, never both.
#[derive(Debug, Clone)]
pub struct Username {
    text: String,
    key: String,
}

/// Why a user name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsernameError {
    /// Its length is wrong, or it has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It has a character that a user name can't have.
    #[error("must consist of letters, digits, '.', '_', '-' and '+', beginning with a letter or a digit")]
    Character,
}

impl Username {
    /// The most characters a user name may have.
    pub const MAX_CHARS: usize = 64;

    /// Trims, normalises and checks a user name.
    pub fn parse(text: &str) -> Result<Self, UsernameError> {
        let text = text::bounded(text, Self::MAX_CHARS)?;
        let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
        if !text.chars().all(allowed) || !text.starts_with(char::is_alphanumeric) {
            return Err(UsernameError::Character);
        }
        let key = text::case_folded(&text);
        Ok(Self { text, key })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As it is compared and kept unique.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for Username {}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letter_case_does_not_make_another_user() {
        assert_eq!(Username::parse("Ada"), Username::parse("aDA"));
    }

    #[test]
    fn a_user_name_is_never_an_email_address() {
        assert_eq!(Username::parse("ada@example.org"), Err(UsernameError::Character));
    }

    #[test]
    fn letters_of_any_script_are_letters() {
        assert!(Username::parse("Ада").is_ok());
    }

    #[test]
    fn a_name_may_not_begin_like_a_command_line_option() {
        assert_eq!(Username::parse("-rf"), Err(UsernameError::Character));
    }
}
