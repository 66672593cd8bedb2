//! Jobs.

use diesel::{
    pg::Pg,
    prelude::{AsChangeset, Insertable, Queryable, QueryableByName, Selectable},
    sql_types::BigInt,
};
use lectern_application::ports::{Announcement, StoreError, WaitingJob};
use lectern_domain::{
    account::UserNumber,
    transcription::{Job, JobParts, Lease, LeaseId, TranscriptionId, TranscriptionNumber, WorkerName},
};
use uuid::Uuid;

use super::{At, Row};
use crate::schema::jobs;

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Pg))]
pub(crate) struct JobRow {
    transcription_id: Uuid,
    attempts: i64,
    available_at: At,
    enqueued_at: At,
    lease_id: Option<Uuid>,
    worker: Option<String>,
    lease_expires_at: Option<At>,
    announced_at: Option<At>,
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        let cells = Row { table: "jobs", key: &row.transcription_id };
        let lease = match (row.lease_id, &row.worker, row.lease_expires_at) {
            (None, None, None) => None,
            (Some(id), Some(worker), Some(expires_at)) => Some(Lease {
                id: LeaseId(id),
                worker: cells.valid("worker", WorkerName::parse(worker).ok())?,
                expires_at: expires_at.0,
            }),
            _ => return cells.valid("lease_id", None),
        };
        Ok(Self::from_parts(JobParts {
            transcription: TranscriptionId(row.transcription_id),
            attempts: cells.valid("attempts", row.attempts.try_into().ok())?,
            available_at: row.available_at.0,
            enqueued_at: row.enqueued_at.0,
            lease,
            announced_at: row.announced_at.map(|at| at.0),
        }))
    }
}

/// A job with what workers are told of it.
#[derive(QueryableByName)]
#[diesel(check_for_backend(Pg))]
pub(crate) struct WaitingJobRow {
    #[diesel(embed)]
    job: JobRow,
    #[diesel(sql_type = BigInt)]
    transcription_number: i64,
    #[diesel(sql_type = BigInt)]
    owner_number: i64,
}

impl TryFrom<WaitingJobRow> for WaitingJob {
    type Error = StoreError;

    fn try_from(row: WaitingJobRow) -> Result<Self, StoreError> {
        let job = Job::try_from(row.job)?;
        let announcement = Announcement {
            transcription: TranscriptionNumber(row.transcription_number),
            owner: UserNumber(row.owner_number),
            id: job.parts().transcription,
        };
        Ok(Self { job, announcement })
    }
}

/// A job, new or in place of another.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = jobs, primary_key(transcription_id), treat_none_as_null = true)]
pub(crate) struct JobValues<'a> {
    transcription_id: Uuid,
    attempts: i64,
    available_at: At,
    enqueued_at: At,
    lease_id: Option<Uuid>,
    worker: Option<&'a str>,
    lease_expires_at: Option<At>,
    announced_at: Option<At>,
}

impl<'a> From<&'a Job> for JobValues<'a> {
    fn from(job: &'a Job) -> Self {
        let job = job.parts();
        let lease = job.lease.as_ref();
        Self {
            transcription_id: job.transcription.0,
            attempts: job.attempts.into(),
            available_at: At(job.available_at),
            enqueued_at: At(job.enqueued_at),
            lease_id: lease.map(|lease| lease.id.0),
            worker: lease.map(|lease| lease.worker.as_str()),
            lease_expires_at: lease.map(|lease| At(lease.expires_at)),
            announced_at: job.announced_at.map(At),
        }
    }
}
