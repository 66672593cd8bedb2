//! The audit log.

use diesel::{RunQueryDsl, SqliteConnection, sql_types::BigInt};
use lectern_domain::{audit::AuditEvent, time::Timestamp};

use crate::{failure::Failure, rows::AuditValues, schema::audit_events};

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
