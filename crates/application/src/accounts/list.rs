//! Listing accounts.

use std::sync::Arc;

use lectern_domain::access::Permission;

use super::ReadAccountError;
use crate::{
    Actor,
    ports::{AccountFilter, AccountView, Page, PageRequest, Queries},
};

/// Lists accounts. Needs `users.view`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListAccounts {
    pub queries: Arc<dyn Queries>,
}

impl ListAccounts {
    /// One page of those that pass the filter.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<AccountView>, ReadAccountError> {
        by.into().require(&Permission::USERS_VIEW)?;
        Ok(self.queries.accounts(filter, page).await?)
    }
}
