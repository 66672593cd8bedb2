//! Signing somebody else out.

use std::sync::Arc;

use lectern_domain::{access::Permission, account::UserId, audit::AuditKind, session::EndReason};

use super::{AdministerError, administration::Administration};
use crate::{
    Actor,
    ports::{Clock, Ids, Transactions},
    retry::again_if_contended,
    sessions::end_all,
};

/// Ends all sessions of an account, be it the caller's own. Needs `users.block`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct EndSessionsOf {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl EndSessionsOf {
    /// Ends them. All of their tokens are refused from now on.
    pub async fn execute(&self, by: impl Into<Actor<'_>>, id: UserId) -> Result<(), AdministerError> {
        let by = by.into();
        again_if_contended(|| self.attempt(by, id)).await
    }

    async fn attempt(&self, by: Actor<'_>, id: UserId) -> Result<(), AdministerError> {
        let (now, needed) = (self.clock.now(), [Permission::USERS_BLOCK]);
        let Administration { mut work, .. } =
            Administration::begin(&*self.transactions, by, &needed, id, now).await?;
        for session in end_all(&mut *work, id, None, EndReason::Revoked, now).await? {
            let kind = AuditKind::SessionRevoked(session);
            work.record(&by.event(&*self.ids, now, kind, id)).await?;
        }
        work.commit().await?;
        Ok(())
    }
}
