//! What others do to an account. Whatever changes its rights, or cuts it off, raises its epoch: tokens made before are
//! stale at once.
//!
//! Asking for what is so already changes nothing, and is no error. Whether somebody may do it is not decided here, but
//! by their [`Principal`](crate::access::Principal).

use super::{AccountError, Standing, User, UserParts};
use crate::{
    access::{PermissionSet, RoleName},
    account::{EmailAddress, FirstName, LastName, Username, search},
    time::Timestamp,
};

/// A deleted account is neither blocked nor unblocked: it can't be used anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this account is deleted; restore it first")]
pub struct IsDeleted;

/// The names of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described at the type of the same name")]
pub struct Profile {
    pub username: Option<Username>,
    pub email: Option<EmailAddress>,
    pub first_name: Option<FirstName>,
    pub last_name: Option<LastName>,
}

impl User {
    /// Its names.
    pub fn profile(&self) -> Profile {
        let UserParts { username, email, first_name, last_name, .. } = self.0.clone();
        Profile { username, email, first_name, last_name }
    }

    /// The account with other names. One of those that it signs in with has to stay.
    pub fn with_profile(self, profile: Profile, at: Timestamp) -> Result<Self, AccountError> {
        let Profile { username, email, first_name, last_name } = profile;
        Self::from_parts(UserParts { username, email, first_name, last_name, updated_at: at, ..self.0 })
    }

    /// The text that an [`AccountSearch`](crate::account::AccountSearch) is looked for in.
    pub fn search_key(&self) -> String {
        search::key(&self.0)
    }

    /// Lets it upload and change things. It is no right that tokens tell of, so no epoch is raised.
    pub fn approve(self, at: Timestamp) -> Self {
        self.with_interaction(true, at)
    }

    /// Lets it only read.
    pub fn disapprove(self, at: Timestamp) -> Self {
        self.with_interaction(false, at)
    }

    fn with_interaction(mut self, can_interact: bool, at: Timestamp) -> Self {
        if self.0.can_interact != can_interact {
            self.0.can_interact = can_interact;
            self.0.updated_at = at;
        }
        self
    }

    /// Cuts it off. One that is blocked stays as it is.
    pub fn block(mut self, at: Timestamp) -> Result<Self, IsDeleted> {
        match self.0.standing {
            Standing::Active => {
                self.0.standing = Standing::Blocked { at };
                Ok(self.cut_off(at))
            }
            Standing::Blocked { .. } => Ok(self),
            Standing::Deleted { .. } => Err(IsDeleted),
        }
    }

    /// Lets it be used again. Its sessions stay ended.
    pub fn unblock(mut self, at: Timestamp) -> Result<Self, IsDeleted> {
        match self.0.standing {
            Standing::Active => Ok(self),
            Standing::Blocked { .. } => {
                self.0.standing = Standing::Active;
                self.0.updated_at = at;
                Ok(self)
            }
            Standing::Deleted { .. } => Err(IsDeleted),
        }
    }

    /// Deletes it softly: its names are free, and every token of an older epoch is stale. One that is deleted stays so.
    pub fn delete(mut self, at: Timestamp) -> Self {
        if matches!(self.0.standing, Standing::Deleted { .. }) {
            return self;
        }
        self.0.standing = Standing::Deleted { at };
        self.cut_off(at)
    }

    /// Brings a deleted account back, active. Its names may be others' by now; the store knows.
    pub fn restore(mut self, at: Timestamp) -> Self {
        if matches!(self.0.standing, Standing::Deleted { .. }) {
            self.0.standing = Standing::Active;
            self.0.updated_at = at;
        }
        self
    }

    /// The account with another role.
    pub fn with_role(mut self, role: RoleName, at: Timestamp) -> Self {
        if self.0.role == role {
            return self;
        }
        self.0.role = role;
        self.cut_off(at)
    }

    /// The account with other permissions besides those of its role.
    pub fn with_permissions(mut self, permissions: PermissionSet, at: Timestamp) -> Self {
        if self.0.permissions == permissions {
            return self;
        }
        self.0.permissions = permissions;
        self.cut_off(at)
    }

    /// Makes all tokens stale that were made so far.
    fn cut_off(mut self, at: Timestamp) -> Self {
        self.0.epoch = self.0.epoch.next();
        self.0.updated_at = at;
        self
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        access::Permission,
        account::{AccountEpoch, AccountSearch, NewUser, PasswordHash, UserId, UserNumber},
    };

    const NOW: Timestamp = Timestamp::from_micros(2);
    const LATER: Timestamp = Timestamp::from_micros(3);

    fn ada() -> User {
        let new = NewUser {
            id: UserId(Uuid::nil()),
            username: Username::parse("ada").ok(),
            email: EmailAddress::parse("Countess@Example.org").ok(),
            first_name: FirstName::parse("Ada").ok(),
            last_name: LastName::parse("Lovelace").ok(),
            password_hash: PasswordHash::new("hash".to_owned()),
            role: RoleName::USER,
            can_interact: true,
            created_at: Timestamp::from_micros(1),
        };
        new.numbered(UserNumber(1)).unwrap()
    }

    #[test]
    fn blocking_cuts_off_once() {
        let blocked = ada().block(NOW).unwrap();
        assert_eq!(
            (blocked.standing(), blocked.parts().epoch),
            (Standing::Blocked { at: NOW }, AccountEpoch(1))
        );
        assert_eq!(blocked.clone().block(LATER), Ok(blocked));
    }

    #[test]
    fn unblocking_gives_back_the_account_but_no_token() {
        let back = ada().block(NOW).unwrap().unblock(LATER).unwrap();
        assert_eq!((back.standing(), back.parts().epoch), (Standing::Active, AccountEpoch(1)));
        assert_eq!(back.clone().unblock(LATER), Ok(back));
    }

    #[test]
    fn a_deleted_account_is_neither_blocked_nor_unblocked() {
        let deleted = ada().delete(NOW);
        assert_eq!(deleted.clone().block(LATER), Err(IsDeleted));
        assert_eq!(deleted.unblock(LATER), Err(IsDeleted));
    }

    #[test]
    fn restoring_brings_back_the_deleted_only() {
        let restored = ada().delete(NOW).restore(LATER);
        assert_eq!((restored.standing(), restored.parts().epoch), (Standing::Active, AccountEpoch(1)));
        let blocked = ada().block(NOW).unwrap();
        assert_eq!(blocked.clone().restore(LATER), blocked);
    }

    #[test]
    fn every_change_of_rights_raises_the_epoch_once() {
        let operator = ada().with_role(RoleName::OPERATOR, NOW);
        assert_eq!(operator.parts().epoch, AccountEpoch(1));
        assert_eq!(operator.clone().with_role(RoleName::OPERATOR, LATER), operator);
        let set = PermissionSet::from_iter([Permission::AUDIT_VIEW]);
        let auditor = operator.with_permissions(set.clone(), NOW);
        assert_eq!((auditor.parts().epoch, &auditor.parts().permissions), (AccountEpoch(2), &set));
        assert_eq!(auditor.clone().with_permissions(set, LATER), auditor);
    }

    #[test]
    fn approval_is_given_and_taken() {
        let waiting = ada().disapprove(NOW);
        assert!(!waiting.parts().can_interact);
        assert!(waiting.approve(LATER).parts().can_interact);
        assert_eq!(ada().approve(LATER), ada());
    }

    #[test]
    fn the_last_name_to_sign_in_with_stays() {
        let profile = Profile { username: None, ..ada().profile() };
        let by_mail = ada().with_profile(profile.clone(), NOW).unwrap();
        assert_eq!((by_mail.profile(), by_mail.parts().updated_at), (profile, NOW));
        let nameless = Profile { email: None, ..by_mail.profile() };
        assert_eq!(by_mail.with_profile(nameless, NOW), Err(AccountError::Nameless));
    }

    #[test]
    fn what_somebody_signs_in_with_is_searched_alone() {
        let search = |text: &str| AccountSearch::parse(text).unwrap().unwrap();
        let by_mail = ada().with_profile(Profile { username: None, ..ada().profile() }, NOW).unwrap();
        assert!(search("AD").finds_login(&ada().search_key()));
        assert!(search("countess@").finds_login(&by_mail.search_key()));
        for other in ["countess", "lovelace"] {
            assert!(!search(other).finds_login(&ada().search_key()), "{other}");
        }
        assert!(!search("lovelace").finds_login(&by_mail.search_key()));
    }

    #[test]
    fn an_account_is_found_by_each_of_its_names_but_not_across_them() {
        let finds = |text: &str| AccountSearch::parse(text).unwrap().unwrap().finds(&ada().search_key());
        for part in ["AD", "ntess@ex", "a love", "LACE"] {
            assert!(finds(part), "{part}");
        }
        for other in ["a%", "adac", "ada countess", "ada\ncountess", "lovelace ada", "_"] {
            assert!(!finds(other), "{other}");
        }
    }
}
