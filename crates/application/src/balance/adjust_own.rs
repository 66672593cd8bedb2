//! Changing one's own balance.

use std::{num::NonZeroI64, sync::Arc};

use lectern_domain::{
    access::PermissionDenied,
    idempotency::IdempotencyKey,
    ledger::{BalanceError, Reason},
};

use super::change::{Change, change_balance};
use crate::{
    Caller, IdempotencyError,
    accounts::Own,
    error::use_case_error,
    ports::{Clock, Ids, StoreError, Transactions},
};

/// Adds to the caller's own balance, or takes from it, with an entry in its ledger.
///
/// It takes no permission, but a session of a surface that
/// [lets holders do so](lectern_domain::surface::Surface::lets_holders_change_their_balance). Administrators, who may change
/// every balance, do that with [`AdjustBalance`](super::AdjustBalance), which says who it was and why. Idempotency keys are
/// those of the ledger, as there.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct AdjustOwnBalance {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// What to change.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct AdjustOwnBalanceInput {
    /// How much to add, or to take if it is negative, in integer units. Zero changes nothing, and no ledger tells of it.
    pub amount: i64,
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Why the balance is as it was.
#[derive(Debug, thiserror::Error)]
pub enum AdjustOwnBalanceError {
    /// The account is shared.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The session was opened through a surface that doesn't let holders do so.
    #[error("this session can't change its account's balance")]
    NotThroughThisSurface,
    /// It is an administrator's.
    #[error("administrators can't change their own balance")]
    Administrator,
    /// The account was blocked or deleted, or the session ended, since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
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

use_case_error!(AdjustOwnBalanceError {
    NotThroughThisSurface => Forbidden, "balance_not_changeable";
    Administrator => Forbidden, "administrators_balance";
    Revoked => Unauthenticated, "session_revoked";
    Insufficient => Conflict, "insufficient_balance", "amount";
    Overflow => Conflict, "balance_overflow", "amount";
    ..Denied, Idempotency, Store
});

impl From<BalanceError> for AdjustOwnBalanceError {
    fn from(error: BalanceError) -> Self {
        match error {
            BalanceError::Insufficient { .. } => Self::Insufficient(error),
            BalanceError::Overflow { .. } => Self::Overflow(error),
        }
    }
}

impl AdjustOwnBalance {
    /// Changes it, and answers what it came to; for a change that was made under the same key before, what it came to then.
    pub async fn execute(
        &self,
        caller: &Caller,
        input: AdjustOwnBalanceInput,
    ) -> Result<i64, AdjustOwnBalanceError> {
        caller.principal.require_own_account()?;
        let AdjustOwnBalanceInput { amount, idempotency_key } = input;
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        // Nobody else changes this account, nor its ledger, from here to the end of the unit.
        let own = Own::of(&mut *work, caller, now).await?.ok_or(AdjustOwnBalanceError::Revoked)?;
        if !own.surface.lets_holders_change_their_balance() {
            return Err(AdjustOwnBalanceError::NotThroughThisSurface);
        }
        if own.principal.is_administrator() {
            return Err(AdjustOwnBalanceError::Administrator);
        }
        let Some(amount) = NonZeroI64::new(amount) else { return Ok(own.user.parts().balance) };
        let change = Change { amount, reason: Reason::own_change(), idempotency_key, at: now };
        let entry: Result<_, AdjustOwnBalanceError> =
            change_balance(work, &*self.ids, caller, own.user, change).await;
        Ok(entry?.parts().balance_after)
    }
}
