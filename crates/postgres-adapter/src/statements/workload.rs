//! How much there is to do, as a read model.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::Workload;
use lectern_domain::time::Timestamp;

use crate::{failure::Failure, rows::At};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    queued: i64,
    #[diesel(sql_type = BigInt)]
    in_progress: i64,
    #[diesel(sql_type = BigInt)]
    processing_error: i64,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    leased: i64,
    #[diesel(sql_type = BigInt)]
    resting: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    waiting_since: Option<At>,
    #[diesel(sql_type = BigInt)]
    mails: i64,
}

const WORKLOAD: &str = "SELECT \
     count(*) FILTER (WHERE transcriptions.state = 'queued') AS queued, \
     count(*) FILTER (WHERE transcriptions.state = 'in_progress') AS in_progress, \
     count(*) FILTER (WHERE transcriptions.state = 'processing_error') AS processing_error, \
     count(*) FILTER (WHERE jobs.available_at <= $1 \
         AND (jobs.lease_expires_at IS NULL OR jobs.lease_expires_at <= $1)) AS waiting, \
     count(*) FILTER (WHERE jobs.lease_expires_at > $1) AS leased, \
     count(*) FILTER (WHERE jobs.available_at > $1 \
         AND (jobs.lease_expires_at IS NULL OR jobs.lease_expires_at <= $1)) AS resting, \
     min(jobs.enqueued_at) FILTER (WHERE jobs.available_at <= $1 \
         AND (jobs.lease_expires_at IS NULL OR jobs.lease_expires_at <= $1)) AS waiting_since, \
     (SELECT count(*) FROM mails) AS mails \
     FROM jobs JOIN transcriptions ON transcriptions.id = jobs.transcription_id \
     AND transcriptions.finished_at IS NULL";

pub(crate) async fn read(connection: &mut AsyncPgConnection, now: Timestamp) -> Result<Workload, Failure> {
    let row: Row = diesel::sql_query(WORKLOAD).bind::<Timestamptz, _>(At(now)).get_result(connection).await?;
    let count = |count: i64| u64::try_from(count).map_err(Failure::unstorable);
    Ok(Workload {
        queued: count(row.queued)?,
        in_progress: count(row.in_progress)?,
        processing_error: count(row.processing_error)?,
        waiting: count(row.waiting)?,
        leased: count(row.leased)?,
        resting: count(row.resting)?,
        waiting_since: row.waiting_since.map(|At(since)| since),
        mails: count(row.mails)?,
    })
}
