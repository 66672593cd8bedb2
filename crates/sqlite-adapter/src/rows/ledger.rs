//! Ledger entries.

use std::num::NonZeroI64;

use diesel::{
    QueryableByName,
    prelude::{Insertable, Queryable, Selectable},
    sqlite::Sqlite,
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    idempotency::IdempotencyKey,
    ledger::{LedgerEntry, LedgerEntryId, LedgerEntryParts, Reason},
    time::Timestamp,
};

use super::Row;
use crate::schema::ledger_entries;

/// An entry as it is stored.
#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = ledger_entries, check_for_backend(Sqlite))]
pub(crate) struct LedgerEntryRow {
    number: i64,
    id: Vec<u8>,
    user_id: Vec<u8>,
    amount: i64,
    balance_after: i64,
    reason: String,
    actor_id: Vec<u8>,
    idempotency_key: Option<String>,
    created_at: i64,
}

impl TryFrom<LedgerEntryRow> for LedgerEntry {
    type Error = StoreError;

    fn try_from(row: LedgerEntryRow) -> Result<Self, StoreError> {
        let cells = Row { table: "ledger_entries", key: &row.number };
        let entry = Self::from_parts(LedgerEntryParts {
            id: LedgerEntryId(cells.uuid("id", &row.id)?),
            user: UserId(cells.uuid("user_id", &row.user_id)?),
            amount: cells.valid("amount", NonZeroI64::new(row.amount))?,
            balance_after: row.balance_after,
            reason: cells.valid("reason", Reason::parse(&row.reason).ok())?,
            actor: UserId(cells.uuid("actor_id", &row.actor_id)?),
            idempotency_key: cells
                .optional("idempotency_key", row.idempotency_key, |key| stored_key(&key))?,
            created_at: Timestamp::from_micros(row.created_at),
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
    id: &'a [u8],
    user_id: &'a [u8],
    amount: i64,
    balance_after: i64,
    reason: &'a str,
    actor_id: &'a [u8],
    idempotency_key: Option<&'a str>,
    created_at: i64,
}

impl<'a> From<&'a LedgerEntry> for LedgerEntryValues<'a> {
    fn from(entry: &'a LedgerEntry) -> Self {
        let entry = entry.parts();
        Self {
            id: entry.id.0.as_bytes(),
            user_id: entry.user.0.as_bytes(),
            amount: entry.amount.get(),
            balance_after: entry.balance_after,
            reason: entry.reason.as_str(),
            actor_id: entry.actor.0.as_bytes(),
            idempotency_key: entry.idempotency_key.as_ref().map(IdempotencyKey::as_str),
            created_at: entry.created_at.as_micros(),
        }
    }
}
