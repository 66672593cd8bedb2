//! Restoring an account.

use std::sync::Arc;

use lectern_domain::{access::Permission, account::UserId, audit::AuditKind};

use super::{AdministerError, administration::Administration};
use crate::{
    Actor,
    ports::{AccountView, Clock, Ids, Transactions},
    retry::again_if_contended,
};

/// Brings a deleted account back, active, under its old names if they are still free. Needs `users.delete`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct RestoreAccount {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl RestoreAccount {
    /// Restores it. One that is not deleted stays as it is.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        id: UserId,
    ) -> Result<AccountView, AdministerError> {
        let by = by.into();
        again_if_contended(|| self.attempt(by, id)).await
    }

    async fn attempt(&self, by: Actor<'_>, id: UserId) -> Result<AccountView, AdministerError> {
        let (now, needed) = (self.clock.now(), [Permission::USERS_DELETE]);
        let change = Administration::begin(&*self.transactions, by, &needed, id, now).await?;
        let user = change.account.user.clone().restore(now);
        if user == change.account.user {
            return Ok(change.account);
        }
        change.finish(&*self.ids, user, AuditKind::AccountRestored).await
    }
}
