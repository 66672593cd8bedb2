//! Ledgers of balances. Their pages are among the [lists](super::lists).

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, RunQueryDsl, SelectableHelper,
    SqliteConnection,
    sql_types::{BigInt, Binary},
};
use lectern_application::ports::{LedgerMismatch, StoreError};
use lectern_domain::{account::UserId, idempotency::IdempotencyKey, ledger::LedgerEntry};
use uuid::Uuid;

use crate::{
    failure::Failure,
    rows::{LedgerEntryRow, LedgerEntryValues},
    schema::ledger_entries,
};

pub(crate) fn insert(connection: &mut SqliteConnection, entry: &LedgerEntry) -> Result<(), Failure> {
    diesel::insert_into(ledger_entries::table).values(LedgerEntryValues::from(entry)).execute(connection)?;
    Ok(())
}

pub(crate) fn by_key(
    connection: &mut SqliteConnection,
    user: UserId,
    key: &IdempotencyKey,
) -> Result<Option<LedgerEntry>, Failure> {
    let row = ledger_entries::table
        .filter(ledger_entries::user_id.eq(user.0.as_bytes().as_slice()))
        .filter(ledger_entries::idempotency_key.eq(key.as_str()))
        .select(LedgerEntryRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(LedgerEntry::try_from).transpose()?)
}

/// An account with what its entries add up to, the upper and the lower 32 bits of each summed up for themselves: SQLite's
/// `sum` fails beyond 64 bits, and a broken ledger may add up to anything.
#[derive(QueryableByName)]
struct Summed {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    balance: i64,
    #[diesel(sql_type = BigInt)]
    upper: i64,
    #[diesel(sql_type = BigInt)]
    lower: i64,
}

const MISMATCHES: &str = "\
SELECT number, id, balance, upper, lower FROM (\
    SELECT users.number, users.id, users.balance, \
        coalesce(sum(amount >> 32), 0) AS upper, coalesce(sum(amount & 4294967295), 0) AS lower \
    FROM users LEFT JOIN ledger_entries ON ledger_entries.user_id = users.id GROUP BY users.number\
) \
WHERE upper + (lower >> 32) <> balance >> 32 OR lower & 4294967295 <> balance & 4294967295";

pub(crate) fn mismatches(connection: &mut SqliteConnection) -> Result<Vec<LedgerMismatch>, Failure> {
    let rows = diesel::sql_query(MISMATCHES).load::<Summed>(connection)?;
    let mismatches = rows.into_iter().map(|row| {
        let id = Uuid::from_slice(&row.id);
        let id = id.map_err(|_| StoreError::Corrupt {
            table: "users",
            column: "id",
            row: row.number.to_string(),
        })?;
        let sum = (i128::from(row.upper) << 32) + i128::from(row.lower);
        Ok(LedgerMismatch { user: UserId(id), balance: row.balance, sum })
    });
    Ok(mismatches.collect::<Result<_, StoreError>>()?)
}
