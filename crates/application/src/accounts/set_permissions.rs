//! Giving an account permissions besides those of its role.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionSet, RolePermissions},
    account::UserId,
    audit::AuditKind,
};

use super::{AdministerError, administration::Administration};
use crate::{
    Actor,
    ports::{AccountView, Clock, Ids, Transactions},
    retry::again_if_contended,
};

/// Changes the permissions that an account holds besides those of its role. Needs `users.grant`, and every permission
/// that is given or taken. Access tokens of the account are stale at once; its sessions go on with the new rights.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct SetPermissions {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// What is to become of an account's permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PermissionChange {
    /// It shall hold these, and no others.
    Replace(PermissionSet),
    /// It shall hold these, too.
    Grant(PermissionSet),
    /// It shall not hold these.
    Withdraw(PermissionSet),
}

impl From<PermissionSet> for PermissionChange {
    fn from(permissions: PermissionSet) -> Self {
        Self::Replace(permissions)
    }
}

impl PermissionChange {
    /// What those become that are held.
    fn of(self, held: &PermissionSet) -> PermissionSet {
        match self {
            Self::Replace(these) => these,
            Self::Grant(these) => held.union(&these),
            Self::Withdraw(these) => held.difference(&these),
        }
    }
}

impl SetPermissions {
    /// Changes them. A set of permissions takes the place of what is held.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        id: UserId,
        to: impl Into<PermissionChange>,
    ) -> Result<AccountView, AdministerError> {
        let (by, to) = (by.into(), to.into());
        again_if_contended(|| self.attempt(by, id, to.clone())).await
    }

    async fn attempt(
        &self,
        by: Actor<'_>,
        id: UserId,
        to: PermissionChange,
    ) -> Result<AccountView, AdministerError> {
        let (now, needed) = (self.clock.now(), [Permission::USERS_GRANT]);
        let change = Administration::begin(&*self.transactions, by, &needed, id, now).await?;
        let from = change.account.user.parts().permissions.clone();
        let to = to.of(&from).grantable().map_err(AdministerError::TooMany)?;
        let (granted, withdrawn) = (to.difference(&from), from.difference(&to));
        change.authority.may_grant(&RolePermissions::Only(granted.union(&withdrawn)))?;
        if from == to {
            return Ok(change.account);
        }
        let user = change.account.user.clone().with_permissions(to, now);
        change.finish(&*self.ids, user, AuditKind::PermissionsChanged { granted, withdrawn }).await
    }
}
