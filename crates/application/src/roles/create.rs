//! Making a role.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionSet, Role, RoleName},
    audit::AuditKind,
    idempotency::{Created, IdempotencyKey, KeyOwner, KeyUse, Operation},
};

use super::{ManageRoleError, manager};
use crate::{
    Caller, IdempotencyError,
    idempotency::{Claim, Fingerprint, Idempotent},
    ports::{Clock, Ids, Queries, Transactions},
};

/// Makes a role. Needs `roles.manage`, and all that the role is to allow.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CreateRole {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl CreateRole {
    /// Makes it, or answers the one that the same request made before.
    pub async fn execute(
        &self,
        caller: &Caller,
        name: RoleName,
        permissions: PermissionSet,
        key: Option<IdempotencyKey>,
    ) -> Result<Role, ManageRoleError> {
        caller.principal.require(&Permission::ROLES_MANAGE)?;
        let fingerprint = permissions
            .iter()
            .fold(Fingerprint::default().text(Some(name.as_str())), |all, one| all.text(Some(one.as_str())));
        let owner = KeyOwner::Account(caller.principal.user);
        let used = key.map(|key| KeyUse { owner, operation: Operation::CreateRole, key });
        let asked = Idempotent::new(used, fingerprint.finish());
        let make = self.make(caller, name, permissions, &asked);
        asked.answer(&*self.queries, make, async |created| self.read_back(&created).await).await
    }

    /// Makes it; `None` if the key is taken.
    async fn make(
        &self,
        caller: &Caller,
        name: RoleName,
        permissions: PermissionSet,
        asked: &Idempotent,
    ) -> Result<Option<Role>, ManageRoleError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        if asked.claim(&mut *work, Created::Role(name.clone()), now).await? == Claim::Taken {
            return Ok(None);
        }
        let principal = manager(&mut *work, caller, now).await?;
        let role = Role::custom(name.clone(), permissions).map_err(|_| ManageRoleError::Exists)?;
        principal.may_grant(&role.permissions)?;
        work.insert_role(&role).await?;
        work.record(&caller.event_without_subject(&*self.ids, now, AuditKind::RoleCreated(name))).await?;
        work.commit().await?;
        Ok(Some(role))
    }

    async fn read_back(&self, created: &Created) -> Result<Role, ManageRoleError> {
        let roles = self.queries.roles().await?;
        let made = roles.into_iter().find(|role| *created == Created::Role(role.name.clone()));
        Ok(made.ok_or(IdempotencyError::Gone)?)
    }
}
