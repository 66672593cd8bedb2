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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        access::{Permission, RoleName},
        account::{
            AccountEpoch, DisplayName, EmailAddress, FirstName, LastName, PasswordHash, UserNumber, Username,
        },
        time::Timestamp,
    };

    fn parts<H>(password_hash: H) -> UserParts<H> {
        let at = Timestamp::from_micros;
        UserParts {
            id: UserId(Uuid::from_u128(1)),
            number: UserNumber(2),
            username: Username::parse("ada").ok(),
            email: EmailAddress::parse("ada@example.org").ok(),
            email_verified_at: Some(at(3)),
            first_name: FirstName::parse("Ada").ok(),
            last_name: LastName::parse("Lovelace").ok(),
            display_name: DisplayName::parse("Countess").ok(),
            password_hash,
            role: RoleName::OPERATOR,
            permissions: [Permission::AUDIT_VIEW].into_iter().collect(),
            standing: Standing::Blocked { at: at(4) },
            can_interact: true,
            balance: 5,
            epoch: AccountEpoch(6),
            created_at: at(7),
            updated_at: at(8),
            last_activity_at: Some(at(9)),
        }
    }

    #[test]
    fn all_of_an_account_is_shown_but_its_hash() {
        let user = User::from_parts(parts(PasswordHash::new("hash".to_owned()))).unwrap();
        assert_eq!(UserSnapshot::from(user).parts(), &parts(Withheld));
    }

    #[test]
    fn what_no_account_can_be_is_no_snapshot() {
        let nameless = UserParts { username: None, email: None, email_verified_at: None, ..parts(Withheld) };
        assert_eq!(UserSnapshot::from_parts(nameless), Err(AccountError::Nameless));
        let broke = UserParts { balance: -1, ..parts(Withheld) };
        assert_eq!(UserSnapshot::from_parts(broke), Err(AccountError::NegativeBalance));
        let unverified = UserParts { email: None, ..parts(Withheld) };
        assert_eq!(UserSnapshot::from_parts(unverified), Err(AccountError::NothingVerified));
    }
}
