//! An account as it may be shown and remembered.

use super::{AccountError, Standing, User, UserId, UserParts};

/// Stands where a password's hash would: it was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld;

/// An account without its password's hash: what a check of its rights needs, and its holder is shown. There is no way back
/// to a [`User`], so what was remembered of an account is never stored as the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSnapshot(UserParts<Withheld>);

impl UserSnapshot {
    /// Checks the parts against each other.
    pub fn from_parts(parts: UserParts<Withheld>) -> Result<Self, AccountError> {
        parts.checked().map(Self)
    }

    /// All of it, to read.
    pub fn parts(&self) -> &UserParts<Withheld> {
        &self.0
    }

    /// Its id.
    pub fn id(&self) -> UserId {
        self.0.id
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.0.standing
    }
}

impl From<User> for UserSnapshot {
    fn from(User(parts): User) -> Self {
        Self(UserParts {
            id: parts.id,
            number: parts.number,
            username: parts.username,
            email: parts.email,
            email_verified_at: parts.email_verified_at,
            first_name: parts.first_name,
            last_name: parts.last_name,
            display_name: parts.display_name,
            password_hash: Withheld,
            role: parts.role,
            permissions: parts.permissions,
            standing: parts.standing,
            can_interact: parts.can_interact,
            balance: parts.balance,
            epoch: parts.epoch,
            created_at: parts.created_at,
            updated_at: parts.updated_at,
            last_activity_at: parts.last_activity_at,
        })
    }
}
