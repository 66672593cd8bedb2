//! Reading one's own balance.

use std::sync::Arc;

use crate::{Caller, accounts::ReadOwnAccountError, ports::Queries};

/// Answers the caller's balance. Needs no permission: it is the caller's own.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ReadOwnBalance {
    pub queries: Arc<dyn Queries>,
}

impl ReadOwnBalance {
    /// Reads it, in integer units.
    pub async fn execute(&self, caller: &Caller) -> Result<i64, ReadOwnAccountError> {
        let account = self.queries.account(caller.principal.user).await?;
        account.map(|account| account.user.parts().balance).ok_or(ReadOwnAccountError::Gone)
    }
}
