//! The audit log.

use diesel::{
    RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Binary, Text},
    sqlite::Sqlite,
};
use lectern_application::ports::{AuditEntry, AuditFilter, Page, PageRequest};
use lectern_domain::{audit::AuditEvent, time::Timestamp};

use super::lists::{Listed, offset, paged};
use crate::{
    failure::Failure,
    rows::{AuditRow, AuditValues},
    schema::audit_events,
};

pub(crate) fn record(connection: &mut SqliteConnection, event: &AuditEvent) -> Result<(), Failure> {
    diesel::insert_into(audit_events::table).values(AuditValues::from(event)).execute(connection)?;
    Ok(())
}

pub(crate) fn purge(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u32, Failure> {
    let purged = diesel::sql_query(
        "DELETE FROM audit_events WHERE id IN (SELECT id FROM audit_events WHERE at < ? ORDER BY at LIMIT ?)",
    )
    .bind::<BigInt, _>(before.as_micros())
    .bind::<BigInt, _>(i64::from(limit))
    .execute(connection)?;
    purged.try_into().map_err(Failure::unstorable)
}

/// Only the conditions that are asked for are part of the statement, so that each has the index that suits it.
pub(crate) fn events(
    connection: &mut SqliteConnection,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditEntry>, Failure> {
    let conditions = [
        filter.kind.map(|_| "kind = ?"),
        filter.actor.map(|_| "actor_id = ?"),
        filter.subject.map(|_| "subject_id = ?"),
        filter.since.map(|_| "at >= ?"),
        filter.until.map(|_| "at < ?"),
    ];
    let conditions: Vec<_> = conditions.into_iter().flatten().collect();
    let wanted = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    let mut statement = diesel::sql_query(format!(
        "WITH page (id) AS (\
             SELECT id FROM audit_events WHERE {wanted} ORDER BY at DESC, id DESC LIMIT ? OFFSET ?\
         ) \
         SELECT counted.total, audit_events.* \
         FROM (SELECT count(*) AS total FROM audit_events WHERE {wanted}) AS counted LEFT JOIN page \
         LEFT JOIN audit_events ON audit_events.id = page.id \
         ORDER BY audit_events.at DESC, audit_events.id DESC"
    ))
    .into_boxed::<Sqlite>();
    for part in [Part::Page, Part::Count] {
        if let Some(kind) = filter.kind {
            statement = statement.bind::<Text, _>(kind);
        }
        for account in [filter.actor, filter.subject].into_iter().flatten() {
            statement = statement.bind::<Binary, _>(account.0.as_bytes().to_vec());
        }
        for time in [filter.since, filter.until].into_iter().flatten() {
            statement = statement.bind::<BigInt, _>(time.as_micros());
        }
        if matches!(part, Part::Page) {
            statement = statement.bind::<BigInt, _>(i64::from(page.size())).bind::<BigInt, _>(offset(page));
        }
    }
    paged(page, statement.load::<Listed<AuditRow>>(connection)?)
}

/// The two parts of a listing that the same conditions hold for, in the order of their parameters.
enum Part {
    Page,
    Count,
}
