//! The one that a request acts as.

use super::{Permission, RoleName, RolePermissions};
use crate::{account::UserId, session::SessionId};

/// An account behind a live session, with what it may do. Made only after the session was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The account.
    pub user: UserId,
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
    /// The account has not been approved.
    #[error("this account has not been approved for uploads and changes")]
    CannotInteract,
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
