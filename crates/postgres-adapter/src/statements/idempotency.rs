//! What idempotency keys were used for.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
    pg::Pg,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_domain::{
    idempotency::{IdempotencyRecord, KeyUse},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{At, KeyRow, KeyValues, owner_id},
    schema::idempotency_keys,
};

/// Waits for the end of another transaction that adds the same: the index holds it.
pub(crate) async fn insert(
    connection: &mut AsyncPgConnection,
    record: &IdempotencyRecord,
) -> Result<(), Failure> {
    diesel::insert_into(idempotency_keys::table).values(KeyValues::from(record)).execute(connection).await?;
    Ok(())
}

pub(crate) async fn by_use(
    connection: &mut AsyncPgConnection,
    used: &KeyUse,
) -> Result<Option<IdempotencyRecord>, Failure> {
    let rows = idempotency_keys::table
        .filter(idempotency_keys::operation.eq(used.operation.name()))
        .filter(idempotency_keys::key.eq(used.key.as_str()))
        .select(KeyRow::as_select())
        .into_boxed::<Pg>();
    let rows = match owner_id(&used.owner) {
        Some(owner) => rows.filter(idempotency_keys::owner_id.eq(owner)),
        None => rows.filter(idempotency_keys::owner_id.is_null()),
    };
    let row = rows.first(connection).await.optional()?;
    Ok(row.map(IdempotencyRecord::try_from).transpose()?)
}

pub(crate) async fn remove(connection: &mut AsyncPgConnection, used: &KeyUse) -> Result<(), Failure> {
    let rows = diesel::delete(idempotency_keys::table)
        .filter(idempotency_keys::operation.eq(used.operation.name()))
        .filter(idempotency_keys::key.eq(used.key.as_str()))
        .into_boxed::<Pg>();
    let rows = match owner_id(&used.owner) {
        Some(owner) => rows.filter(idempotency_keys::owner_id.eq(owner)),
        None => rows.filter(idempotency_keys::owner_id.is_null()),
    };
    rows.execute(connection).await?;
    Ok(())
}

pub(crate) async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM idempotency_keys WHERE number = ANY (ARRAY (\
             SELECT number FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2 \
             FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(At(before))
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)
    .await?;
    purged.try_into().map_err(Failure::unstorable)
}
