//! Ledger entries.

use std::num::NonZeroI64;

use diesel::{
    QueryableByName,
    pg::Pg,
    prelude::{Insertable, Queryable, Selectable},
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    idempotency::IdempotencyKey,
    ledger::{LedgerEntry, LedgerEntryId, LedgerEntryParts, Reason},
};

use uuid::Uuid;

use super::{At, Row};
use crate::schema::ledger_entries;

/// An entry as it is stored.
#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = ledger_entries, check_for_backend(Pg))]
pub(crate) struct LedgerEntryRow {
    number: i64,
    id: Uuid,
    user_id: Uuid,
    amount: i64,
    balance_after: i64,
    reason: String,
    actor_id: Uuid,
    idempotency_key: Option<String>,
    created_at: At,
}

impl TryFrom<LedgerEntryRow> for LedgerEntry {
    type Error = StoreError;

    fn try_from(row: LedgerEntryRow) -> Result<Self, StoreError> {
        let cells = Row { table: "ledger_entries", key: &row.number };
        let entry = Self::from_parts(LedgerEntryParts {
            id: LedgerEntryId(row.id),
            user: UserId(row.user_id),
            amount: cells.valid("amount", NonZeroI64::new(row.amount))?,
            balance_after: row.balance_after,
            reason: cells.valid("reason", Reason::parse(&row.reason).ok())?,
            actor: UserId(row.actor_id),
            idempotency_key: cells
                .optional("idempotency_key", row.idempotency_key, |key| stored_key(&key))?,
            created_at: row.created_at.0,
        });
        cells.valid("balance_after", entry.ok())
    }
}

/// A key as it is stored, without quotes: what begins with one is not read as a quoted text.
pub(super) fn stored_key(key: &str) -> Option<IdempotencyKey> {
    IdempotencyKey::parse_bare(key).ok()
}

/// A new entry, all but its number.
#[derive(Insertable)]
#[diesel(table_name = ledger_entries)]
pub(crate) struct LedgerEntryValues<'a> {
    id: Uuid,
    user_id: Uuid,
    amount: i64,
    balance_after: i64,
    reason: &'a str,
    actor_id: Uuid,
    idempotency_key: Option<&'a str>,
    created_at: At,
}

impl<'a> From<&'a LedgerEntry> for LedgerEntryValues<'a> {
    fn from(entry: &'a LedgerEntry) -> Self {
        let entry = entry.parts();
        Self {
            id: entry.id.0,
            user_id: entry.user.0,
            amount: entry.amount.get(),
            balance_after: entry.balance_after,
            reason: entry.reason.as_str(),
            actor_id: entry.actor.0,
            idempotency_key: entry.idempotency_key.as_ref().map(IdempotencyKey::as_str),
            created_at: At(entry.created_at),
        }
    }
}
