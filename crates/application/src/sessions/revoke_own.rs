//! Signing out on another device.

use std::sync::Arc;

use lectern_domain::{
    access::PermissionDenied,
    audit::AuditKind,
    session::{EndReason, SessionId},
};

use super::end_session;
use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, Ids, StoreError, Transactions},
};

/// Ends one of the caller's sessions, be it the one that the request came with.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct RevokeOwnSession {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why it was not ended.
#[derive(Debug, thiserror::Error)]
pub enum RevokeOwnSessionError {
    /// The caller has no such live session.
    #[error("there is no such session")]
    NotFound,
    /// The account is not the caller's alone.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(RevokeOwnSessionError {
    NotFound => NotFound, "session_not_found";
    ..Denied, Store
});

impl RevokeOwnSession {
    /// Ends it. All of its tokens are refused from now on.
    pub async fn execute(&self, caller: &Caller, id: SessionId) -> Result<(), RevokeOwnSessionError> {
        if id != caller.principal.session {
            caller.principal.require_own_account()?;
        }
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let session = work.session(id).await?;
        let session = session
            .filter(|session| session.parts().user == caller.principal.user && session.is_live(now))
            .ok_or(RevokeOwnSessionError::NotFound)?;
        end_session(&mut *work, session, EndReason::Revoked, now).await?;
        let kind = AuditKind::SessionRevoked(id);
        work.record(&caller.event(&*self.ids, now, kind, caller.principal.user)).await?;
        work.commit().await?;
        Ok(())
    }
}
