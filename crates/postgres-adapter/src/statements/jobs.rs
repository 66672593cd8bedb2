//! The queue. Whoever reads a job in a transaction has its transcription locked before it, as owners do who cancel.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, JoinOnDsl, OptionalExtension, QueryDsl, QueryResult,
    SelectableHelper,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_domain::{
    time::Timestamp,
    transcription::{Job, LeaseId, TranscriptionId},
};

use crate::{
    failure::Failure,
    rows::{At, JobRow, JobValues},
    schema::{jobs, transcriptions},
};

pub(crate) async fn put(connection: &mut AsyncPgConnection, job: &Job) -> Result<(), Failure> {
    diesel::insert_into(jobs::table)
        .values(JobValues::from(job))
        .on_conflict(jobs::transcription_id)
        .do_update()
        .set(JobValues::from(job))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn by_transcription(
    connection: &mut AsyncPgConnection,
    id: TranscriptionId,
) -> Result<Option<Job>, Failure> {
    one(transcriptions::table
        .inner_join(jobs::table.on(jobs::transcription_id.eq(transcriptions::id)))
        .filter(jobs::transcription_id.eq(id.0))
        .select(JobRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await)
}

pub(crate) async fn by_lease(
    connection: &mut AsyncPgConnection,
    lease: LeaseId,
) -> Result<Option<Job>, Failure> {
    one(transcriptions::table
        .inner_join(jobs::table.on(jobs::transcription_id.eq(transcriptions::id)))
        .filter(jobs::lease_id.eq(lease.0))
        .select(JobRow::as_select())
        .for_no_key_update()
        .first(connection)
        .await)
}

/// Passes over what others hold, be it the job or its transcription.
pub(crate) async fn next_available(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<Option<Job>, Failure> {
    one(transcriptions::table
        .inner_join(jobs::table.on(jobs::transcription_id.eq(transcriptions::id)))
        .filter(jobs::available_at.le(At(now)))
        .filter(jobs::lease_expires_at.is_null().or(jobs::lease_expires_at.le(At(now))))
        .order((jobs::enqueued_at, jobs::transcription_id))
        .select(JobRow::as_select())
        .for_no_key_update()
        .skip_locked()
        .first(connection)
        .await)
}

pub(crate) async fn remove(connection: &mut AsyncPgConnection, id: TranscriptionId) -> Result<(), Failure> {
    diesel::delete(jobs::table.find(id.0)).execute(connection).await?;
    Ok(())
}

fn one(row: QueryResult<JobRow>) -> Result<Option<Job>, Failure> {
    Ok(row.optional()?.map(Job::try_from).transpose()?)
}
