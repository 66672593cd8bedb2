//! Giving an account permissions besides those of its role.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionSet, RolePermissions},
    account::UserId,
    audit::AuditKind,
};

use super::{AdministerError, administration::Administration};
use crate::{
    Caller,
    ports::{AccountView, Clock, Ids, Transactions},
};

/// Replaces the permissions that an account holds besides those of its role. Needs `users.grant`, and every permission
/// that is given or taken. Access tokens of the account are stale at once; its sessions go on with the new rights.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct SetPermissions {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl SetPermissions {
    /// Makes them these.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: UserId,
        to: PermissionSet,
    ) -> Result<AccountView, AdministerError> {
        let (now, needed) = (self.clock.now(), [Permission::USERS_GRANT]);
        let change = Administration::begin(&*self.transactions, caller, &needed, id, now).await?;
        let from = change.account.user.parts().permissions.clone();
        let (granted, withdrawn) = (to.difference(&from), from.difference(&to));
        change.principal.may_grant(&RolePermissions::Only(granted.union(&withdrawn)))?;
        if from == to {
            return Ok(change.account);
        }
        let user = change.account.user.clone().with_permissions(to, now);
        change.finish(&*self.ids, user, AuditKind::PermissionsChanged { granted, withdrawn }).await
    }
}
