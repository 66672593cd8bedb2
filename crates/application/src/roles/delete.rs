//! Deleting a role.

use std::sync::Arc;

use lectern_domain::{access::RoleName, audit::AuditKind};

use super::{ManageRoleError, begin};
use crate::{
    Caller,
    ports::{Clock, Ids, Transactions},
    retry::again_if_contended,
};

/// Deletes a role of one's own that no account has; deleted accounts count, because they can be restored. Needs
/// `roles.manage`, and all that the role allows.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct DeleteRole {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl DeleteRole {
    /// Deletes it.
    pub async fn execute(&self, caller: &Caller, name: &RoleName) -> Result<(), ManageRoleError> {
        again_if_contended(|| self.attempt(caller, name)).await
    }

    async fn attempt(&self, caller: &Caller, name: &RoleName) -> Result<(), ManageRoleError> {
        let now = self.clock.now();
        let (mut work, principal) = begin(&*self.transactions, caller, now).await?;
        let role = work.role(name).await?.ok_or(ManageRoleError::NotFound)?.changeable()?;
        principal.may_grant(&role.permissions)?;
        if work.count_users(name).await? > 0 {
            return Err(ManageRoleError::InUse);
        }
        work.delete_role(name).await?;
        let kind = AuditKind::RoleDeleted(name.clone());
        work.record(&caller.event_without_subject(&*self.ids, now, kind)).await?;
        work.commit().await?;
        Ok(())
    }
}
