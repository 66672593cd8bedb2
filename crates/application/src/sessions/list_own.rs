//! Seeing where one is signed in.

use std::sync::Arc;

use lectern_domain::{access::PermissionDenied, session::Session};

use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, Queries, StoreError},
};

/// Lists the caller's live sessions, the most recently used first. Needs no permission: they are the caller's own.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListOwnSessions {
    pub queries: Arc<dyn Queries>,
    pub clock: Arc<dyn Clock>,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListOwnSessionsError {
    /// The account is not the caller's alone.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ListOwnSessionsError { ..Denied, Store });

impl ListOwnSessions {
    /// Lists them. An account has so few that they need no pages.
    pub async fn execute(&self, caller: &Caller) -> Result<Vec<Session>, ListOwnSessionsError> {
        caller.principal.require_own_account()?;
        Ok(self.queries.live_sessions(caller.principal.user, self.clock.now()).await?)
    }
}
