//! Blocking an account.

use std::sync::Arc;

use lectern_domain::{access::Permission, account::UserId, audit::AuditKind, session::EndReason};

use super::{AdministerError, administration::Administration};
use crate::{
    Actor,
    ports::{AccountView, Clock, Ids, Transactions},
    retry::again_if_contended,
    sessions::end_all,
};

/// Blocks an account: it can't be signed in to, and all of its sessions end. Needs `users.block`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct BlockAccount {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl BlockAccount {
    /// Blocks it. One that is blocked stays so.
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
        let mut change = Administration::begin(&*self.transactions, by, &needed, id, now).await?;
        change.check_dispensable().await?;
        let user = change.account.user.clone().block(now).map_err(AdministerError::Deleted)?;
        if user == change.account.user {
            return Ok(change.account);
        }
        end_all(&mut *change.work, id, None, EndReason::Revoked, now).await?;
        change.finish(&*self.ids, user, AuditKind::AccountBlocked).await
    }
}
