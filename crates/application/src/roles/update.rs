//! Changing what a role allows.

use std::sync::Arc;

use lectern_domain::{
    access::{PermissionSet, Role, RoleName},
    audit::AuditKind,
};

use super::{ManageRoleError, begin};
use crate::{
    Caller,
    ports::{Clock, Ids, Transactions},
    retry::again_if_contended,
};

/// Changes what a role of one's own allows. Needs `roles.manage`, and all that it allowed and is to allow. Access tokens
/// of all accounts that have it are stale at once.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct UpdateRole {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl UpdateRole {
    /// Makes it allow these.
    pub async fn execute(
        &self,
        caller: &Caller,
        name: &RoleName,
        permissions: PermissionSet,
    ) -> Result<Role, ManageRoleError> {
        again_if_contended(|| self.attempt(caller, name, permissions.clone())).await
    }

    async fn attempt(
        &self,
        caller: &Caller,
        name: &RoleName,
        permissions: PermissionSet,
    ) -> Result<Role, ManageRoleError> {
        let now = self.clock.now();
        let (mut work, principal) = begin(&*self.transactions, caller, now).await?;
        let old = work.role(name).await?.ok_or(ManageRoleError::NotFound)?;
        let new = old.clone().with_permissions(permissions)?;
        principal.may_grant(&old.permissions)?;
        principal.may_grant(&new.permissions)?;
        if new == old {
            return Ok(old);
        }
        // In the order in which everybody else comes to them: accounts first, then their role.
        work.raise_epochs(name).await?;
        work.save_role(&new).await?;
        let kind = AuditKind::RoleUpdated(name.clone());
        work.record(&caller.event_without_subject(&*self.ids, now, kind)).await?;
        work.commit().await?;
        Ok(new)
    }
}
