//! Changing somebody's balance.

use std::{num::NonZeroI64, sync::Arc};

use lectern_domain::{
    access::{Permission, PermissionDenied},
    account::{Standing, UserId},
    idempotency::IdempotencyKey,
    ledger::{BalanceError, LedgerEntry, Reason},
};

use super::change::{Change, change_balance};
use crate::{
    Caller, IdempotencyError,
    error::use_case_error,
    ports::{Clock, Ids, StoreError, Transactions},
};

/// Adds to an account's balance, or takes from it, with an entry in its ledger. Needs `balance.adjust`, for one's own
/// account too.
///
/// The ledger itself remembers which keys it has seen, and for good: no balance is changed twice under the same key, not
/// even by two people, or years later.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct AdjustBalance {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// What to change, and why.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct AdjustBalanceInput {
    /// Whose balance.
    pub user: UserId,
    /// How much to add, or to take if it is negative, in integer units.
    pub amount: NonZeroI64,
    pub reason: Reason,
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Why the balance is as it was.
#[derive(Debug, thiserror::Error)]
pub enum AdjustBalanceError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// There is no such account, or it is deleted.
    #[error("there is no such account")]
    NotFound,
    /// There is less than was to be taken.
    #[error("{0}")]
    Insufficient(BalanceError),
    /// It would be more than can be counted.
    #[error("{0}")]
    Overflow(BalanceError),
    /// The key was used for another change.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(AdjustBalanceError {
    NotFound => NotFound, "account_not_found";
    Insufficient => Conflict, "insufficient_balance", "amount";
    Overflow => Conflict, "balance_overflow", "amount";
    ..Denied, Idempotency, Store
});

impl From<BalanceError> for AdjustBalanceError {
    fn from(error: BalanceError) -> Self {
        match error {
            BalanceError::Insufficient { .. } => Self::Insufficient(error),
            BalanceError::Overflow { .. } => Self::Overflow(error),
        }
    }
}

impl AdjustBalance {
    /// Changes it, unless its ledger has an entry for the same change under the same key: then that is the answer.
    pub async fn execute(
        &self,
        caller: &Caller,
        input: AdjustBalanceInput,
    ) -> Result<LedgerEntry, AdjustBalanceError> {
        caller.principal.require(&Permission::BALANCE_ADJUST)?;
        let AdjustBalanceInput { user: id, amount, reason, idempotency_key } = input;
        if id == caller.principal.user {
            caller.principal.require_own_account()?;
        }
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        // Nobody else changes this account, nor its ledger, from here to the end of the unit.
        let user = work.user(id).await?.ok_or(AdjustBalanceError::NotFound)?;
        if matches!(user.standing(), Standing::Deleted { .. }) {
            return Err(AdjustBalanceError::NotFound);
        }
        let change = Change { amount, reason, idempotency_key, at: now };
        change_balance(work, &*self.ids, caller, user, change).await
    }
}
