//! Reading the server's log.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionDenied},
    log::LogEntry,
};

use crate::{
    Caller,
    error::use_case_error,
    ports::{LogFilter, Page, PageRequest, Queries, StoreError},
};

/// Lists lines of the log, for those who hold `audit.view`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListLogs {
    pub queries: Arc<dyn Queries>,
}

/// Why nothing was listed.
#[derive(Debug, thiserror::Error)]
pub enum ListLogsError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ListLogsError { ..Denied, Store });

impl ListLogs {
    /// A page of it, newest first.
    pub async fn execute(
        &self,
        caller: &Caller,
        filter: LogFilter,
        page: PageRequest,
    ) -> Result<Page<LogEntry>, ListLogsError> {
        caller.principal.require(&Permission::AUDIT_VIEW)?;
        Ok(self.queries.log_entries(&filter, page).await?)
    }
}
