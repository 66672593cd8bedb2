//! Changing a balance inside a unit of work, whoever asks for it.

use std::num::NonZeroI64;

use lectern_domain::{
    account::User,
    audit::AuditKind,
    idempotency::IdempotencyKey,
    ledger::{Adjustment, BalanceError, LedgerEntry, LedgerEntryId, Reason},
    time::Timestamp,
};

use crate::{
    Caller, IdempotencyError,
    ports::{Ids, StoreError, UnitOfWork},
};

/// How to change a balance, and why.
pub(super) struct Change {
    pub(super) amount: NonZeroI64,
    pub(super) reason: Reason,
    pub(super) idempotency_key: Option<IdempotencyKey>,
    pub(super) at: Timestamp,
}

/// Changes the balance of an account that was read in this unit, with its entry and its audit event, and commits; unless its
/// ledger has an entry for the same change under the same key: then that is the answer, and nothing is written.
pub(super) async fn change_balance<E>(
    mut work: Box<dyn UnitOfWork>,
    ids: &dyn Ids,
    caller: &Caller,
    user: User,
    change: Change,
) -> Result<LedgerEntry, E>
where
    E: From<BalanceError> + From<IdempotencyError> + From<StoreError>,
{
    let Change { amount, reason, idempotency_key, at } = change;
    let id = user.id();
    if let Some(key) = &idempotency_key
        && let Some(first) = work.entry_by_key(id, key).await?
    {
        return Ok(first.again(amount, &reason).map_err(IdempotencyError::from)?);
    }
    let (user, entry) = user.adjust_balance(Adjustment {
        id: LedgerEntryId(ids.next()),
        amount,
        reason,
        actor: caller.principal.user,
        idempotency_key,
        at,
    })?;
    work.save_user(&user).await?;
    work.insert_entry(&entry).await?;
    let kind = AuditKind::BalanceChanged { amount: amount.get(), balance_after: entry.parts().balance_after };
    work.record(&caller.event(ids, at, kind, id)).await?;
    work.commit().await?;
    Ok(entry)
}
