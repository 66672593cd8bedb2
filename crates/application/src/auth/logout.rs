//! Signing out.

use std::sync::Arc;

use lectern_domain::{audit::AuditKind, session::EndReason};

use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, Ids, SaveOutcome, StoreError, Transactions},
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
        loop {
            let now = self.clock.now();
            let mut work = self.transactions.begin().await?;
            let Some(session) = work.session(caller.principal.session).await? else { return Ok(()) };
            let generation = session.generation();
            let session = session.end(EndReason::LoggedOut, now);
            if work.save_session(&session, generation).await? == SaveOutcome::Stale {
                continue;
            }
            let kind = AuditKind::LoggedOut(session.id());
            work.record(&caller.event(&*self.ids, now, kind, caller.principal.user)).await?;
            work.commit().await?;
            return Ok(());
        }
    }
}
