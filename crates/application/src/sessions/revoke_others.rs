//! Signing out everywhere else.

use std::sync::Arc;

use lectern_domain::{access::PermissionDenied, audit::AuditKind, session::EndReason};

use super::end_all;
use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, Ids, StoreError, Transactions},
};

/// Ends all of the caller's sessions but the one that the request came with.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct RevokeOtherSessions {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why they were not ended.
#[derive(Debug, thiserror::Error)]
pub enum RevokeOtherSessionsError {
    /// The account is not the caller's alone.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(RevokeOtherSessionsError { ..Denied, Store });

impl RevokeOtherSessions {
    /// Ends them. All of their tokens are refused from now on.
    pub async fn execute(&self, caller: &Caller) -> Result<(), RevokeOtherSessionsError> {
        caller.principal.require_own_account()?;
        let (now, user) = (self.clock.now(), caller.principal.user);
        let mut work = self.transactions.begin().await?;
        let own = Some(caller.principal.session);
        for id in end_all(&mut *work, user, own, EndReason::Revoked, now).await? {
            let kind = AuditKind::SessionRevoked(id);
            work.record(&caller.event(&*self.ids, now, kind, user)).await?;
        }
        work.commit().await?;
        Ok(())
    }
}
