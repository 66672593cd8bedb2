//! Deleting somebody else's account.

use std::sync::Arc;

use lectern_domain::{
    access::Permission,
    account::{Standing, UserId},
    audit::AuditKind,
    session::EndReason,
};

use super::{AdministerError, administration::Administration};
use crate::{
    Actor,
    ports::{Clock, Ids, Transactions},
    retry::again_if_contended,
    sessions::end_all,
};

/// Deletes an account softly: its names are free at once, and all of its sessions end. Needs `users.delete`.
///
/// A blocked one also needs `users.block`: restored, it would be active again, and the block that somebody else put on it
/// gone.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct DeleteAccount {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl DeleteAccount {
    /// Deletes it. One that is deleted stays so.
    pub async fn execute(&self, by: impl Into<Actor<'_>>, id: UserId) -> Result<(), AdministerError> {
        let by = by.into();
        again_if_contended(|| self.attempt(by, id)).await
    }

    async fn attempt(&self, by: Actor<'_>, id: UserId) -> Result<(), AdministerError> {
        let (now, needed) = (self.clock.now(), [Permission::USERS_DELETE]);
        let mut change = Administration::begin(&*self.transactions, by, &needed, id, now).await?;
        change.check_dispensable().await?;
        match change.account.user.standing() {
            Standing::Active => {}
            Standing::Blocked { .. } => change.authority.require(&Permission::USERS_BLOCK)?,
            Standing::Deleted { .. } => return Ok(()),
        }
        let user = change.account.user.clone().delete(now);
        end_all(&mut *change.work, id, None, EndReason::Revoked, now).await?;
        change.finish(&*self.ids, user, AuditKind::AccountDeleted).await?;
        Ok(())
    }
}
