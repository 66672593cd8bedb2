//! Ledgers of balances. Their pages are among the [lists](super::lists).

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryableByName, SelectableHelper,
    sql_types::{BigInt, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{LedgerMismatch, StoreError};
use lectern_domain::{account::UserId, idempotency::IdempotencyKey, ledger::LedgerEntry};
use uuid::Uuid;

use crate::{
    failure::Failure,
    rows::{LedgerEntryRow, LedgerEntryValues},
    schema::ledger_entries,
};

pub(crate) async fn insert(connection: &mut AsyncPgConnection, entry: &LedgerEntry) -> Result<(), Failure> {
    diesel::insert_into(ledger_entries::table)
        .values(LedgerEntryValues::from(entry))
        .execute(connection)
        .await?;
    Ok(())
}

/// Entries never change, so there is nothing to lock.
pub(crate) async fn by_key(
    connection: &mut AsyncPgConnection,
    user: UserId,
    key: &IdempotencyKey,
) -> Result<Option<LedgerEntry>, Failure> {
    let row = ledger_entries::table
        .filter(ledger_entries::user_id.eq(user.0))
        .filter(ledger_entries::idempotency_key.eq(key.as_str()))
        .select(LedgerEntryRow::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.map(LedgerEntry::try_from).transpose()?)
}

/// An account with what its entries add up to. PostgreSQL sums up without bound, as `numeric`: it comes as digits.
#[derive(QueryableByName)]
struct Summed {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    balance: i64,
    #[diesel(sql_type = Text)]
    sum: String,
}

const MISMATCHES: &str = "\
SELECT users.number, users.id, users.balance, coalesce(sums.sum, 0)::text AS sum \
FROM users LEFT JOIN (SELECT user_id, sum(amount) AS sum FROM ledger_entries GROUP BY user_id) AS sums \
ON sums.user_id = users.id \
WHERE users.balance <> coalesce(sums.sum, 0)";

pub(crate) async fn mismatches(connection: &mut AsyncPgConnection) -> Result<Vec<LedgerMismatch>, Failure> {
    let rows = diesel::sql_query(MISMATCHES).load::<Summed>(connection).await?;
    let mismatches = rows.into_iter().map(|row| {
        let sum = row.sum.parse::<i128>();
        let sum = sum.map_err(|_| StoreError::Corrupt {
            table: "ledger_entries",
            column: "amount",
            row: row.number.to_string(),
        })?;
        Ok(LedgerMismatch { user: UserId(row.id), balance: row.balance, sum })
    });
    Ok(mismatches.collect::<Result<_, StoreError>>()?)
}
