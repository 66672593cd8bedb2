//! An account and how it stands. What others may do to it is in `changes`.

mod changes;
mod snapshot;

pub use changes::{IsDeleted, Profile};
pub use snapshot::{UserSnapshot, Withheld};

use uuid::Uuid;

use super::{DisplayName, EmailAddress, FirstName, LastName, PasswordHash, Username};
use crate::access::{PermissionSet, RoleName};
use crate::challenge::AddressDigest;
use crate::time::Timestamp;

/// The account's id, a UUIDv7 made by the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub Uuid);

impl UserId {
    /// The account that all guests share. A `UUIDv8` of our own (RFC 9562, section 5.8), which ends in the word in ASCII.
    pub const GUEST: Self = Self(Uuid::from_u128(0x0000_0000_0000_8000_8000_0067_7565_7374));

    /// Whether it is the account of people who have nothing to do with each other. They may have any number of sessions,
    /// and none of them [speaks for the account](crate::access::Principal::require_own_account).
    pub fn is_shared(self) -> bool {
        self == Self::GUEST
    }
}

/// The account's number, assigned by the store: what clients with integer ids see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserNumber(pub i64);

/// Counts the changes of an account's rights. A token made under an older epoch is stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountEpoch(pub i64);

impl AccountEpoch {
    /// A new account's epoch.
    pub const FIRST: Self = Self(0);

    fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Everybody, with full use at once.
    Open,
    /// Everybody; somebody with `users.approve` lets them interact.
    Approve,
    /// Nobody but those with `users.create`.
    Closed,
}

/// How an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It can be used.
    Active,
    /// It can't be signed in to.
    Blocked {
        /// Since when.
        at: Timestamp,
    },
    /// Soft-deleted: its names are free again.
    Deleted {
        /// Since when.
        at: Timestamp,
    },
}

/// Why an account can't be as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Neither a user name nor an e-mail address.
    #[error("an account needs a user name or an e-mail address")]
    Nameless,
    /// A balance below zero.
    #[error("an account's balance is never below zero")]
    NegativeBalance,
    /// An e-mail address was shown to be theirs, but there is none.
    #[error("an account without an e-mail address has none that is verified")]
    NothingVerified,
}

/// An account that the store has not numbered yet.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// Its user name.
    pub username: Option<Username>,
    /// Its e-mail address.
    pub email: Option<EmailAddress>,
    /// Given name.
    pub first_name: Option<FirstName>,
    /// Family name.
    pub last_name: Option<LastName>,
    /// The hash of its password.
    pub password_hash: PasswordHash,
    /// Its role.
    pub role: RoleName,
    /// Whether it may upload and change things.
    pub can_interact: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl NewUser {
    /// The account under the number that the store assigned.
    pub fn numbered(self, number: UserNumber) -> Result<User, AccountError> {
        User::from_parts(UserParts {
            id: self.id,
            number,
            username: self.username,
            email: self.email,
            email_verified_at: None,
            first_name: self.first_name,
            last_name: self.last_name,
            display_name: None,
            password_hash: self.password_hash,
            role: self.role,
            permissions: PermissionSet::default(),
            standing: Standing::Active,
            can_interact: self.can_interact,
            balance: 0,
            epoch: AccountEpoch::FIRST,
            created_at: self.created_at,
            updated_at: self.created_at,
            last_activity_at: None,
        })
    }
}

/// Everything an account consists of, for stores and views. Only a [`User`] is known to be consistent, and so is a
/// [`UserSnapshot`], which leaves out the hash of the password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described at the getter or type of the same name")]
pub struct UserParts<H = PasswordHash> {
    pub id: UserId,
    pub number: UserNumber,
    pub username: Option<Username>,
    pub email: Option<EmailAddress>,
    /// When its holder showed that the e-mail address is theirs.
    pub email_verified_at: Option<Timestamp>,
    pub first_name: Option<FirstName>,
    pub last_name: Option<LastName>,
    pub display_name: Option<DisplayName>,
    pub password_hash: H,
    pub role: RoleName,
    /// Permissions held besides those of the role.
    pub permissions: PermissionSet,
    pub standing: Standing,
    pub can_interact: bool,
    /// Integer units, never below zero.
    pub balance: i64,
    pub epoch: AccountEpoch,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub last_activity_at: Option<Timestamp>,
}

impl<H> UserParts<H> {
    /// What its holder signs in with: the user name, else the e-mail address.
    pub fn login(&self) -> &str {
        let username = self.username.as_ref().map(Username::as_str);
        username.or_else(|| self.email.as_ref().map(EmailAddress::as_str)).unwrap_or_default()
    }

    fn checked(self) -> Result<Self, AccountError> {
        if self.username.is_none() && self.email.is_none() {
            return Err(AccountError::Nameless);
        }
        if self.balance < 0 {
            return Err(AccountError::NegativeBalance);
        }
        if self.email_verified_at.is_some() && self.email.is_none() {
            return Err(AccountError::NothingVerified);
        }
        Ok(self)
    }
}

/// An account: at least one name, a role, a standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(UserParts);

impl User {
    /// Checks the parts against each other.
    pub fn from_parts(parts: UserParts) -> Result<Self, AccountError> {
        parts.checked().map(Self)
    }

    /// All of it, to read.
    pub fn parts(&self) -> &UserParts {
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

    /// The same account with a newly made hash of the same password. Nobody's rights change, so no epoch does.
    pub fn with_upgraded_hash(mut self, hash: PasswordHash) -> Self {
        self.0.password_hash = hash;
        self
    }

    /// The account with another password. Sessions are ended by whoever changes it, so no epoch has to.
    pub fn with_password(mut self, hash: PasswordHash, at: Timestamp) -> Self {
        self.0.password_hash = hash;
        self.0.updated_at = at;
        self
    }

    /// The account whose holder reads the mail of `address`. `None` if that is not its address (any more).
    pub fn with_verified_email(mut self, address: &AddressDigest, at: Timestamp) -> Option<Self> {
        if self.0.email.as_ref().map(AddressDigest::of).as_ref() != Some(address) {
            return None;
        }
        if self.0.email_verified_at.is_none() {
            self.0.email_verified_at = Some(at);
            self.0.updated_at = at;
        }
        Some(self)
    }

    /// The account with another e-mail address, or none. Whoever showed that the old one is theirs has shown nothing of
    /// the new one.
    pub fn with_email(mut self, email: Option<EmailAddress>, at: Timestamp) -> Result<Self, AccountError> {
        if self.0.email != email {
            self.0.email_verified_at = None;
        }
        self.0.email = email;
        self.0.updated_at = at;
        Self::from_parts(self.0)
    }

    /// The account with other names of its holder.
    pub fn with_names(mut self, first: Option<FirstName>, last: Option<LastName>, at: Timestamp) -> Self {
        self.0.first_name = first;
        self.0.last_name = last;
        self.0.updated_at = at;
        self
    }

    /// The account with another balance, which the [ledger](crate::ledger) has checked.
    pub(crate) fn with_balance(mut self, balance: i64, at: Timestamp) -> Self {
        self.0.balance = balance;
        self.0.updated_at = at;
        self
    }

    /// Notes that the account was used.
    pub fn seen(mut self, at: Timestamp) -> Self {
        self.0.last_activity_at = Some(at);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_user() -> NewUser {
        NewUser {
            id: UserId(Uuid::nil()),
            username: Username::parse("ada").ok(),
            email: None,
            first_name: None,
            last_name: None,
            password_hash: PasswordHash::new("hash".to_owned()),
            role: RoleName::USER,
            can_interact: true,
            created_at: Timestamp::from_micros(1),
        }
    }

    #[test]
    fn an_account_needs_a_name() {
        let nameless = NewUser { username: None, ..new_user() };
        assert_eq!(nameless.numbered(UserNumber(1)), Err(AccountError::Nameless));
    }

    #[test]
    fn somebody_signs_in_by_user_name_else_by_address() {
        let with_both = NewUser { email: EmailAddress::parse("Ada@example.org").ok(), ..new_user() };
        let by_mail = NewUser { username: None, ..with_both.clone() };
        let login = |new: NewUser| new.numbered(UserNumber(1)).unwrap().parts().login().to_owned();
        assert_eq!((login(with_both).as_str(), login(by_mail).as_str()), ("ada", "Ada@example.org"));
    }

    #[test]
    fn deleting_cuts_off_tokens_once() {
        let user = new_user().numbered(UserNumber(1)).unwrap();
        let deleted = user.delete(Timestamp::from_micros(2));
        assert_eq!(deleted.parts().epoch, AccountEpoch(1));
        assert_eq!(deleted.standing(), Standing::Deleted { at: Timestamp::from_micros(2) });
        assert_eq!(deleted.clone().delete(Timestamp::from_micros(3)), deleted);
    }

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    fn verified() -> User {
        let new = NewUser { email: Some(address("ada@example.org")), ..new_user() };
        let digest = AddressDigest::of(&address("ada@example.org"));
        let user = new.numbered(UserNumber(1)).unwrap();
        user.with_verified_email(&digest, Timestamp::from_micros(2)).unwrap()
    }

    #[test]
    fn only_the_accounts_own_address_can_be_verified() {
        let other = AddressDigest::of(&address("eve@example.org"));
        assert_eq!(verified().with_verified_email(&other, Timestamp::from_micros(3)), None);
        assert_eq!(verified().parts().email_verified_at, Some(Timestamp::from_micros(2)));
    }

    #[test]
    fn another_address_is_not_verified() {
        let at = Timestamp::from_micros(3);
        for other in [Some(address("countess@example.org")), None] {
            assert_eq!(verified().with_email(other, at).unwrap().parts().email_verified_at, None);
        }
        let same = verified().with_email(Some(address("Ada@Example.org")), at).unwrap();
        assert_eq!(same.parts().email_verified_at, Some(Timestamp::from_micros(2)));
    }

    #[test]
    fn what_is_not_there_is_not_verified() {
        let parts = UserParts { email: None, ..verified().parts().clone() };
        assert_eq!(User::from_parts(parts), Err(AccountError::NothingVerified));
    }

    #[test]
    fn a_new_account_is_active_without_balance_and_extra_rights() {
        let user = new_user().numbered(UserNumber(1)).unwrap();
        assert_eq!(user.standing(), Standing::Active);
        assert_eq!(user.parts().balance, 0);
        assert_eq!(user.parts().permissions, PermissionSet::default());
    }
}
