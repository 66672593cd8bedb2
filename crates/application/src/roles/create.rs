//! Making a role.

use std::sync::Arc;

use lectern_domain::{
    access::{PermissionSet, Role, RoleName},
    audit::AuditKind,
};

use super::{ManageRoleError, begin};
use crate::{
    Caller,
    ports::{Clock, Ids, Transactions},
};

/// Makes a role. Needs `roles.manage`, and all that the role is to allow.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CreateRole {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl CreateRole {
    /// Makes it.
    pub async fn execute(
        &self,
        caller: &Caller,
        name: RoleName,
        permissions: PermissionSet,
    ) -> Result<Role, ManageRoleError> {
        let now = self.clock.now();
        let (mut work, principal) = begin(&*self.transactions, caller, now).await?;
        let role = Role::custom(name.clone(), permissions).map_err(|_| ManageRoleError::Exists)?;
        principal.may_grant(&role.permissions)?;
        work.insert_role(&role).await?;
        work.record(&caller.event_without_subject(&*self.ids, now, AuditKind::RoleCreated(name))).await?;
        work.commit().await?;
        Ok(role)
    }
}
