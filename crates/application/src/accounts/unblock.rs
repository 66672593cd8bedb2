//! Unblocking an account.

use std::sync::Arc;

use lectern_domain::{access::Permission, account::UserId, audit::AuditKind};

use super::{AdministerError, administration::Administration};
use crate::{
    Actor,
    ports::{AccountView, Clock, Ids, Transactions},
    retry::again_if_contended,
};

/// Lets a blocked account be used again. Its sessions stay ended. Needs `users.block`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct UnblockAccount {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl UnblockAccount {
    /// Unblocks it. One that is active stays so.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        id: UserId,
    ) -> Result<AccountView, AdministerError> {
        let by = by.into();
        again_if_contended(|| self.attempt(by, id)).await
    }

    async fn attempt(&self, by: Actor<'_>, id: UserId) -> Result<AccountView, AdministerError> {
        let (now, needed) = (self.clock.now(), [Permission::USERS_BLOCK]);
        let change = Administration::begin(&*self.transactions, by, &needed, id, now).await?;
        let user = change.account.user.clone().unblock(now).map_err(AdministerError::Deleted)?;
        if user == change.account.user {
            return Ok(change.account);
        }
        change.finish(&*self.ids, user, AuditKind::AccountUnblocked).await
    }
}
