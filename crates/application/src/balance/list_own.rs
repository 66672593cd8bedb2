//! Listing the entries of one's own ledger.

use std::sync::Arc;

use lectern_domain::ledger::LedgerEntry;

use crate::{
    Caller,
    ports::{Page, PageRequest, Queries, StoreError},
};

/// Lists what changed the caller's balance, newest first. Needs no permission: it is the caller's own.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListOwnLedger {
    pub queries: Arc<dyn Queries>,
}

impl ListOwnLedger {
    /// One page of them.
    pub async fn execute(&self, caller: &Caller, page: PageRequest) -> Result<Page<LedgerEntry>, StoreError> {
        self.queries.ledger(caller.principal.user, page).await
    }
}
