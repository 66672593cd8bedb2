//! The audit log.

use diesel::{
    pg::Pg,
    sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{AuditEntry, AuditFilter, Page, PageRequest};
use lectern_domain::{audit::AuditEvent, time::Timestamp};

use super::lists::{Listed, offset, paged};
use crate::{
    failure::Failure,
    rows::{At, AuditRow, AuditValues},
    schema::audit_events,
};

pub(crate) async fn record(connection: &mut AsyncPgConnection, event: &AuditEvent) -> Result<(), Failure> {
    diesel::insert_into(audit_events::table).values(AuditValues::from(event)).execute(connection).await?;
    Ok(())
}

pub(crate) async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM audit_events WHERE id = ANY (ARRAY (\
             SELECT id FROM audit_events WHERE at < $1 ORDER BY at, id LIMIT $2 FOR UPDATE SKIP LOCKED))",
    )
    .bind::<Timestamptz, _>(At(before))
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)
    .await?;
    purged.try_into().map_err(Failure::unstorable)
}

/// Only the conditions that are asked for are part of the statement, so that each has the index that suits it. `$1` and `$2`
/// are the page.
pub(crate) async fn events(
    connection: &mut AsyncPgConnection,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEntry>, Failure> {
    let conditions = [
        filter.kind.map(|_| "kind ="),
        filter.actor.map(|_| "actor_id ="),
        filter.subject.map(|_| "subject_id ="),
        filter.since.map(|_| "at >="),
        filter.until.map(|_| "at <"),
    ];
    let conditions = conditions.into_iter().flatten().zip(3..);
    let conditions: Vec<_> = conditions.map(|(condition, place)| format!("{condition} ${place}")).collect();
    let wanted = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" AND ") };
    let mut statement = diesel::sql_query(format!(
        "WITH page (id) AS (\
             SELECT id FROM audit_events WHERE {wanted} ORDER BY at DESC, id DESC LIMIT $1 OFFSET $2\
         ) \
         SELECT counted.total, audit_events.* \
         FROM (SELECT count(*) AS total FROM audit_events WHERE {wanted}) AS counted LEFT JOIN page ON true \
         LEFT JOIN audit_events ON audit_events.id = page.id \
         ORDER BY audit_events.at DESC, audit_events.id DESC"
    ))
    .into_boxed::<Pg>()
    .bind::<BigInt, _>(i64::from(page.size()))
    .bind::<BigInt, _>(offset(page));
    if let Some(kind) = filter.kind {
        statement = statement.bind::<Text, _>(kind);
    }
    for account in [filter.actor, filter.subject].into_iter().flatten() {
        statement = statement.bind::<SqlUuid, _>(account.0);
    }
    for time in [filter.since, filter.until].into_iter().flatten() {
        statement = statement.bind::<Timestamptz, _>(At(time));
    }
    paged(page, statement.load::<Listed<AuditRow>>(connection).await?)
}
