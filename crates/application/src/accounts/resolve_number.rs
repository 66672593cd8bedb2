//! Finding out which account has a number.

use std::sync::Arc;

use lectern_domain::account::{UserId, UserNumber};

use crate::ports::{Queries, StoreError};

/// Tells which account has a number, deleted ones too, for clients that know accounts by numbers. It shows nothing of the
/// account and lets nobody do anything: that is for whoever takes the id.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ResolveNumber {
    pub queries: Arc<dyn Queries>,
}

impl ResolveNumber {
    /// Its id.
    pub async fn execute(&self, number: UserNumber) -> Result<Option<UserId>, StoreError> {
        Ok(self.queries.account_by_number(number).await?.map(|account| account.user.id()))
    }
}
