//! Reading one's own account.

use std::sync::Arc;

use crate::{
    Caller,
    error::use_case_error,
    ports::{AccountSnapshot, Queries, StoreError},
};

/// Answers the caller's account. Needs no permission: everybody may know who they are.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ReadOwnAccount {
    pub queries: Arc<dyn Queries>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadOwnAccountError {
    /// It was removed since the request was let in.
    #[error("the account does not exist any more")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ReadOwnAccountError {
    Gone => NotFound, "not_found";
    ..Store
});

impl ReadOwnAccount {
    /// Reads it as the check of the request has seen it, or later: by way of the session, which is remembered.
    pub async fn execute(&self, caller: &Caller) -> Result<Arc<AccountSnapshot>, ReadOwnAccountError> {
        let view = self.queries.session(caller.principal.session).await?.ok_or(ReadOwnAccountError::Gone)?;
        Ok(Arc::clone(&view.account))
    }
}
