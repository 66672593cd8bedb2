//! The queue.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl,
    SelectableHelper, SqliteConnection,
};
use lectern_domain::{
    time::Timestamp,
    transcription::{Job, LeaseId, TranscriptionId},
};

use crate::{
    failure::Failure,
    rows::{JobRow, JobValues},
    schema::jobs,
};

pub(crate) fn put(connection: &mut SqliteConnection, job: &Job) -> Result<(), Failure> {
    diesel::insert_into(jobs::table)
        .values(JobValues::from(job))
        .on_conflict(jobs::transcription_id)
        .do_update()
        .set(JobValues::from(job))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn by_transcription(
    connection: &mut SqliteConnection,
    id: TranscriptionId,
) -> Result<Option<Job>, Failure> {
    one(jobs::table.find(id.0.as_bytes().as_slice()).select(JobRow::as_select()).first(connection))
}

pub(crate) fn by_lease(connection: &mut SqliteConnection, lease: LeaseId) -> Result<Option<Job>, Failure> {
    one(jobs::table
        .filter(jobs::lease_id.eq(lease.0.as_bytes().as_slice()))
        .select(JobRow::as_select())
        .first(connection))
}

/// Nobody else can get the same job: the transaction holds the database's only write lock.
pub(crate) fn next_available(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Result<Option<Job>, Failure> {
    let now = now.as_micros();
    one(jobs::table
        .filter(jobs::available_at.le(now))
        .filter(jobs::lease_expires_at.is_null().or(jobs::lease_expires_at.le(now)))
        .order((jobs::enqueued_at, jobs::transcription_id))
        .select(JobRow::as_select())
        .first(connection))
}

pub(crate) fn remove(connection: &mut SqliteConnection, id: TranscriptionId) -> Result<(), Failure> {
    diesel::delete(jobs::table.find(id.0.as_bytes().as_slice())).execute(connection)?;
    Ok(())
}

fn one(row: QueryResult<JobRow>) -> Result<Option<Job>, Failure> {
    Ok(row.optional()?.map(Job::try_from).transpose()?)
}
