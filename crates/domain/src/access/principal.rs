//! The one that a request acts as.

use super::{Permission, PermissionSet, RoleName, RolePermissions};
use crate::{
    account::{UserId, UserNumber},
    session::SessionId,
};

/// An account behind a live session, with what it may do. Made only after the session was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub user: UserId,
    /// The account's number.
    pub number: UserNumber,
    /// The session that the request came with.
    pub session: SessionId,
    /// The account's role.
    pub role: RoleName,
    /// Role's and direct permissions together.
    pub permissions: RolePermissions,
    /// Whether the account may upload and change things (registration by approval).
    pub can_interact: bool,
}

/// The principal lacks a permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PermissionDenied {
    /// Neither the role nor a direct grant holds it.
    #[error("this needs the permission '{0}'")]
    Missing(Permission),
    /// Nobody gives or takes what they don't hold.
    #[error("you can only give and take permissions that you hold yourself")]
    NotHeld,
    /// Nobody acts on an account that is mightier than their own.
    #[error("that account may do things that you may not; somebody who may do all of them has to do this")]
    Outranked,
    /// The account has not been approved.
    #[error("this account has not been approved for uploads and changes")]
    CannotInteract,
    /// Guests share an account, and none of them speaks for it.
    #[error("this account is shared by all guests, so none of them can see its sessions or change it")]
    Shared,
}

impl Principal {
    /// The one gate: passes if the principal holds `permission`.
    pub fn require(&self, permission: &Permission) -> Result<(), PermissionDenied> {
        if self.permissions.contains(permission) {
            Ok(())
        } else {
            Err(PermissionDenied::Missing(permission.clone()))
        }
    }

    /// As [`Principal::require`], for what only approved accounts may do.
    pub fn require_interaction(&self, permission: &Permission) -> Result<(), PermissionDenied> {
        self.require(permission)?;
        if self.can_interact { Ok(()) } else { Err(PermissionDenied::CannotInteract) }
    }

    /// Passes if the account is the principal's alone. To be asked before whatever changes the account or shows its
    /// sessions for no other reason than that it is their own: what is everybody's is nobody's.
    pub fn require_own_account(&self) -> Result<(), PermissionDenied> {
        if self.user.is_shared() { Err(PermissionDenied::Shared) } else { Ok(()) }
    }

    /// Passes if the principal holds all of `rights`, and so may give and take them.
    pub fn may_grant(&self, rights: &RolePermissions) -> Result<(), PermissionDenied> {
        if self.permissions.cover(rights) { Ok(()) } else { Err(PermissionDenied::NotHeld) }
    }

    /// Passes if the principal may act on the account `other`, which has these `rights`: on their own, and on those
    /// that hold nothing they don't hold themselves. A [shared account](UserId::is_shared) is nobody's own.
    ///
    /// Without this rule, whoever may delete accounts could delete administrators, and whoever may change e-mail
    /// addresses could become one. [Permissions of one's own things](Permission::OF_ONES_OWN) don't count: they give
    /// no power over anybody, and an operator without recordings looks after accounts that have some.
    pub fn may_act_on(&self, other: UserId, rights: &RolePermissions) -> Result<(), PermissionDenied> {
        if self.user == other {
            return self.require_own_account();
        }
        let own_things = PermissionSet::from_iter(Permission::OF_ONES_OWN);
        if self.permissions.with(&own_things).cover(rights) {
            Ok(())
        } else {
            Err(PermissionDenied::Outranked)
        }
    }

    /// Whether the principal may do everything there is.
    pub fn is_administrator(&self) -> bool {
        self.permissions == RolePermissions::All
    }

    /// Whether the principal may see what belongs to `owner`.
    pub fn sees(&self, owner: UserId, any: &Permission) -> bool {
        self.user == owner || self.permissions.contains(any)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::access::Role;

    fn principal(role: RoleName, can_interact: bool) -> Principal {
        Principal {
            user: UserId(Uuid::nil()),
            number: UserNumber(1),
            session: SessionId(Uuid::nil()),
            permissions: Role::built_in(&role).unwrap().permissions,
            role,
            can_interact,
        }
    }

    #[test]
    fn a_missing_permission_is_named() {
        assert_eq!(
            principal(RoleName::READ_ONLY, true).require(&Permission::TRANSCRIPTIONS_CREATE),
            Err(PermissionDenied::Missing(Permission::TRANSCRIPTIONS_CREATE))
        );
    }

    fn rights(permissions: &[Permission]) -> RolePermissions {
        RolePermissions::Only(permissions.iter().cloned().collect())
    }

    #[test]
    fn nobody_gives_what_they_do_not_hold() {
        let operator = principal(RoleName::OPERATOR, true);
        assert_eq!(operator.may_grant(&rights(&[Permission::USERS_VIEW])), Ok(()));
        for beyond in [rights(&[Permission::USERS_VIEW, Permission::AUDIT_VIEW]), RolePermissions::All] {
            assert_eq!(operator.may_grant(&beyond), Err(PermissionDenied::NotHeld));
        }
        let own_things = rights(&[Permission::TRANSCRIPTIONS_READ]);
        assert_eq!(operator.may_grant(&own_things), Err(PermissionDenied::NotHeld));
    }

    #[test]
    fn nobody_acts_on_a_mightier_account() {
        let (operator, other) = (principal(RoleName::OPERATOR, true), UserId(Uuid::max()));
        let user = Role::built_in(&RoleName::USER).unwrap().permissions;
        for lesser in [user.clone(), rights(&[Permission::USERS_DELETE]), operator.permissions.clone()] {
            assert_eq!(operator.may_act_on(other, &lesser), Ok(()));
        }
        let approver = user.with(&PermissionSet::from_iter([Permission::USERS_APPROVE]));
        let unknown = rights(&[Permission::parse("coffee.brew").unwrap()]);
        for mightier in [approver, unknown, RolePermissions::All] {
            assert_eq!(operator.may_act_on(other, &mightier), Err(PermissionDenied::Outranked));
            assert_eq!(principal(RoleName::ADMIN, true).may_act_on(other, &mightier), Ok(()));
        }
    }

    #[test]
    fn nobody_is_mightier_than_oneself() {
        let operator = principal(RoleName::OPERATOR, true);
        assert_eq!(operator.may_act_on(operator.user, &RolePermissions::All), Ok(()));
    }

    #[test]
    fn nobody_acts_on_an_account_that_they_share() {
        let guest = Principal { user: UserId::GUEST, ..principal(RoleName::ADMIN, true) };
        assert_eq!(guest.require_own_account(), Err(PermissionDenied::Shared));
        assert_eq!(guest.may_act_on(UserId::GUEST, &RolePermissions::All), Err(PermissionDenied::Shared));
        let admin = principal(RoleName::ADMIN, true);
        assert_eq!(admin.require_own_account(), Ok(()));
        assert_eq!(admin.may_act_on(UserId::GUEST, &RolePermissions::All), Ok(()));
    }

    #[test]
    fn whoever_holds_every_permission_there_is_is_an_administrator() {
        assert!(principal(RoleName::ADMIN, true).is_administrator());
        let known = rights(&Permission::KNOWN);
        let knows_all = Principal { permissions: known, ..principal(RoleName::OPERATOR, true) };
        assert!(!knows_all.is_administrator());
    }

    #[test]
    fn an_unapproved_account_only_reads() {
        let waiting = principal(RoleName::USER, false);
        assert_eq!(waiting.require(&Permission::TRANSCRIPTIONS_READ), Ok(()));
        assert_eq!(
            waiting.require_interaction(&Permission::TRANSCRIPTIONS_CREATE),
            Err(PermissionDenied::CannotInteract)
        );
    }
}
