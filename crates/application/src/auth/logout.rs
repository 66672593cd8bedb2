//! Signing out.

use std::sync::Arc;

use lectern_domain::{audit::AuditKind, session::EndReason};

use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, Ids, StoreError, Transactions},
    sessions::end_session,
};

/// Ends the session that the request came with.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct LogOut {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why the session was not ended.
#[derive(Debug, thiserror::Error)]
pub enum LogoutError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(LogoutError { ..Store });

impl LogOut {
    /// Ends it. All of its tokens are refused from now on.
    pub async fn execute(&self, caller: &Caller) -> Result<(), LogoutError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let Some(session) = work.session(caller.principal.session).await? else { return Ok(()) };
        let session = end_session(&mut *work, session, EndReason::LoggedOut, now).await?;
        let kind = AuditKind::LoggedOut(session.id());
        work.record(&caller.event(&*self.ids, now, kind, caller.principal.user)).await?;
        work.commit().await?;
        Ok(())
    }
}
