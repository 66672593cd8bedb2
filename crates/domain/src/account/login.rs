//! What somebody types into the login field.

use super::{EmailAddress, Username};

/// A user name or an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Without `@`.
    Username(Username),
    /// With `@`.
    Email(EmailAddress),
}

impl Login {
    /// Reads a login. `None` for a text that no account can have: answer it like an unknown account.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('@') {
            EmailAddress::parse(text).ok().map(Self::Email)
        } else {
            Username::parse(text).ok().map(Self::Username)
        }
    }

    /// As it is compared. A user name and an e-mail address never have the same.
    pub fn key(&self) -> &str {
        match self {
            Self::Username(username) => username.key(),
            Self::Email(email) => email.key(),
        }
    }
}
