//! Jobs that wait for a worker, as read models.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::{LastAnnounced, StoreError, WaitingJob};
use lectern_domain::time::Timestamp;

use crate::{
    failure::Failure,
    rows::{At, WaitingJobRow},
};

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The jobs of active transcriptions that are available at `$1`.
const WAITING: &str = "FROM jobs JOIN transcriptions ON transcriptions.id = jobs.transcription_id \
     AND transcriptions.finished_at IS NULL \
     JOIN users ON users.id = transcriptions.owner_id \
     WHERE jobs.available_at <= $1 AND (jobs.lease_expires_at IS NULL OR jobs.lease_expires_at <= $1)";

/// `$2` is bound in both forms, so that the statement's text is all that differs.
pub(crate) async fn list(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
    announced: LastAnnounced,
    limit: u32,
) -> Result<Vec<WaitingJob>, Failure> {
    let (when, before) = match announced {
        LastAnnounced::Never => ("jobs.announced_at IS NULL AND $2 = $1", now),
        LastAnnounced::Before(since) => ("jobs.announced_at < $2", since),
    };
    let rows = diesel::sql_query(format!(
        "SELECT jobs.*, transcriptions.number AS transcription_number, users.number AS owner_number {WAITING} \
         AND {when} ORDER BY jobs.announced_at, jobs.enqueued_at, jobs.transcription_id LIMIT $3"
    ))
    .bind::<Timestamptz, _>(At(now))
    .bind::<Timestamptz, _>(At(before))
    .bind::<BigInt, _>(i64::from(limit))
    .load::<WaitingJobRow>(connection)
    .await?;
    Ok(rows.into_iter().map(WaitingJob::try_from).collect::<Result<_, StoreError>>()?)
}

pub(crate) async fn count(connection: &mut AsyncPgConnection, now: Timestamp) -> Result<u64, Failure> {
    let counted = diesel::sql_query(format!("SELECT count(*) AS count {WAITING}"))
        .bind::<Timestamptz, _>(At(now))
        .get_result::<Count>(connection)
        .await?;
    counted.count.try_into().map_err(Failure::unstorable)
}
