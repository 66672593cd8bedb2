//! Reading an account.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionDenied},
    account::UserId,
};

use crate::{
    Actor,
    error::use_case_error,
    ports::{AccountView, Queries, StoreError},
};

/// Answers an account, deleted ones too. Needs `users.view`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ReadAccount {
    pub queries: Arc<dyn Queries>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadAccountError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ReadAccountError {
    NotFound => NotFound, "account_not_found";
    ..Denied, Store
});

impl ReadAccount {
    /// Reads it.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        id: UserId,
    ) -> Result<AccountView, ReadAccountError> {
        by.into().require(&Permission::USERS_VIEW)?;
        self.queries.account(id).await?.ok_or(ReadAccountError::NotFound)
    }
}
