//! What idempotency keys were used for.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, RunQueryDsl, SelectableHelper,
    SqliteConnection, sql_types::BigInt,
};
use lectern_domain::{
    idempotency::{IdempotencyRecord, KeyUse},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{KeyRow, KeyValues, owner_bytes},
    schema::idempotency_keys,
};

pub(crate) fn insert(connection: &mut SqliteConnection, record: &IdempotencyRecord) -> Result<(), Failure> {
    diesel::insert_into(idempotency_keys::table).values(KeyValues::from(record)).execute(connection)?;
    Ok(())
}

pub(crate) fn by_use(
    connection: &mut SqliteConnection,
    used: &KeyUse,
) -> Result<Option<IdempotencyRecord>, Failure> {
    let row = idempotency_keys::table
        .find((owner_bytes(&used.owner), used.operation.name(), used.key.as_str()))
        .select(KeyRow::as_select())
        .first(connection)
        .optional()?;
    Ok(row.map(IdempotencyRecord::try_from).transpose()?)
}

pub(crate) fn remove(connection: &mut SqliteConnection, used: &KeyUse) -> Result<(), Failure> {
    let same = idempotency_keys::owner_id
        .eq(owner_bytes(&used.owner))
        .and(idempotency_keys::operation.eq(used.operation.name()))
        .and(idempotency_keys::key.eq(used.key.as_str()));
    diesel::delete(idempotency_keys::table.filter(same)).execute(connection)?;
    Ok(())
}

pub(crate) fn purge(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM idempotency_keys WHERE (owner_id, operation, key) IN (\
             SELECT owner_id, operation, key FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?)",
    )
    .bind::<BigInt, _>(before.as_micros())
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)?;
    purged.try_into().map_err(Failure::unstorable)
}
