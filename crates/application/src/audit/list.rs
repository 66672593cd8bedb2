//! Reading the audit log.

use std::sync::Arc;

use lectern_domain::access::{Permission, PermissionDenied};

use crate::{
    Caller,
    error::use_case_error,
    ports::{AuditEntry, AuditFilter, Page, PageRequest, Queries, StoreError},
};

/// Lists what happened, for those who hold `audit.view`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListAuditEvents {
    pub queries: Arc<dyn Queries>,
}

/// Why nothing was listed.
#[derive(Debug, thiserror::Error)]
pub enum ListAuditEventsError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ListAuditEventsError { ..Denied, Store });

impl ListAuditEvents {
    /// A page of it, newest first.
    pub async fn execute(
        &self,
        caller: &Caller,
        filter: AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, ListAuditEventsError> {
        caller.principal.require(&Permission::AUDIT_VIEW)?;
        Ok(self.queries.audit_events(&filter, page).await?)
    }
}
