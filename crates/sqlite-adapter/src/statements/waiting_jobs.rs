//! Jobs that wait for a worker, as read models.

use diesel::{
    QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Nullable},
};
use lectern_application::ports::{LastAnnounced, StoreError, WaitingJob};
use lectern_domain::time::Timestamp;

use crate::{failure::Failure, rows::WaitingJobRow};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The jobs of active transcriptions that are available at `?1`. Joined in this order, whatever the planner thinks: the
/// queue is short, and the other tables are not.
const WAITING: &str = "FROM jobs CROSS JOIN transcriptions ON transcriptions.id = jobs.transcription_id \
     AND transcriptions.finished_at IS NULL \
     CROSS JOIN users ON users.id = transcriptions.owner_id \
     WHERE jobs.available_at <= ?1 AND (jobs.lease_expires_at IS NULL OR jobs.lease_expires_at <= ?1)";

pub(crate) fn list(
    connection: &mut SqliteConnection,
    now: Timestamp,
    announced: LastAnnounced,
    limit: u32,
) -> Result<Vec<WaitingJob>, Failure> {
    let (when, before) = match announced {
        LastAnnounced::Never => ("jobs.announced_at IS ?2", None),
        LastAnnounced::Before(since) => ("jobs.announced_at < ?2", Some(since.as_micros())),
    };
    let rows = diesel::sql_query(format!(
        "SELECT jobs.*, transcriptions.number AS transcription_number, users.number AS owner_number {WAITING} \
         AND {when} ORDER BY jobs.announced_at, jobs.enqueued_at, jobs.transcription_id LIMIT ?3"
    ))
    .bind::<BigInt, _>(now.as_micros())
    .bind::<Nullable<BigInt>, _>(before)
    .bind::<BigInt, _>(i64::from(limit))
    .load::<WaitingJobRow>(connection)?;
    Ok(rows.into_iter().map(WaitingJob::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) fn count(connection: &mut SqliteConnection, now: Timestamp) -> Result<u64, Failure> {
    let counted = diesel::sql_query(format!("SELECT count(*) AS count {WAITING}"))
        .bind::<BigInt, _>(now.as_micros())
        .get_result::<Count>(connection)?;
    counted.count.try_into().map_err(Failure::unstorable)
}
