//! Giving an account another role.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, RoleName},
    account::UserId,
    audit::AuditKind,
};

use super::{AdministerError, administration::Administration};
use crate::{
    Actor,
    ports::{AccountView, Clock, Ids, Transactions},
    retry::again_if_contended,
};

/// Gives an account another role. Needs `users.grant`, and all that either role allows: nobody gives or takes what they
/// don't hold. Access tokens of the account are stale at once; its sessions go on with the new rights.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct SetRole {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl SetRole {
    /// Gives it the role.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        id: UserId,
        to: RoleName,
    ) -> Result<AccountView, AdministerError> {
        let by = by.into();
        again_if_contended(|| self.attempt(by, id, to.clone())).await
    }

    async fn attempt(&self, by: Actor<'_>, id: UserId, to: RoleName) -> Result<AccountView, AdministerError> {
        let (now, needed) = (self.clock.now(), [Permission::USERS_GRANT]);
        let mut change = Administration::begin(&*self.transactions, by, &needed, id, now).await?;
        let role = change.work.role(&to).await?.ok_or(AdministerError::UnknownRole)?;
        change.authority.may_grant(&role.permissions)?;
        change.authority.may_grant(&change.account.role.permissions)?;
        let from = change.account.role.name.clone();
        if from == to {
            return Ok(change.account);
        }
        change.check_not_last_admin().await?;
        let user = change.account.user.clone().with_role(to.clone(), now);
        change.finish(&*self.ids, user, AuditKind::RoleChanged { from, to }).await
    }
}
