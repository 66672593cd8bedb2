//! Jobs.

use diesel::{
    prelude::{AsChangeset, Insertable, Queryable, QueryableByName, Selectable},
    sql_types::BigInt,
    sqlite::Sqlite,
};
use lectern_application::ports::{Announcement, StoreError, WaitingJob};
use lectern_domain::{
    account::UserNumber,
    time::Timestamp,
    transcription::{Job, JobParts, Lease, LeaseId, TranscriptionId, TranscriptionNumber, WorkerName},
};

use super::{IdKey, Row};
use crate::schema::jobs;

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Sqlite))]
pub(crate) struct JobRow {
    transcription_id: Vec<u8>,
    attempts: i64,
    available_at: i64,
    enqueued_at: i64,
    lease_id: Option<Vec<u8>>,
    worker: Option<String>,
    lease_expires_at: Option<i64>,
    announced_at: Option<i64>,
}

impl TryFrom<JobRow> for Job {
    type Error = StoreError;

    fn try_from(row: JobRow) -> Result<Self, StoreError> {
        let key = IdKey(&row.transcription_id);
        let cells = Row { table: "jobs", key: &key };
        let lease = match (&row.lease_id, &row.worker, row.lease_expires_at) {
            (None, None, None) => None,
            (Some(id), Some(worker), Some(expires_at)) => Some(Lease {
                id: LeaseId(cells.uuid("lease_id", id)?),
                worker: cells.valid("worker", WorkerName::parse(worker).ok())?,
                expires_at: Timestamp::from_micros(expires_at),
            }),
            _ => return cells.valid("lease_id", None),
        };
        Ok(Self::from_parts(JobParts {
            transcription: TranscriptionId(cells.uuid("transcription_id", &row.transcription_id)?),
            attempts: cells.valid("attempts", row.attempts.try_into().ok())?,
            available_at: Timestamp::from_micros(row.available_at),
            enqueued_at: Timestamp::from_micros(row.enqueued_at),
            lease,
            announced_at: row.announced_at.map(Timestamp::from_micros),
        }))
    }
}

/// A job with what workers are told of it.
#[derive(QueryableByName)]
#[diesel(check_for_backend(Sqlite))]
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
    transcription_id: &'a [u8],
    attempts: i64,
    available_at: i64,
    enqueued_at: i64,
    lease_id: Option<&'a [u8]>,
    worker: Option<&'a str>,
    lease_expires_at: Option<i64>,
    announced_at: Option<i64>,
}

impl<'a> From<&'a Job> for JobValues<'a> {
    fn from(job: &'a Job) -> Self {
        let job = job.parts();
        let lease = job.lease.as_ref();
        Self {
            transcription_id: job.transcription.0.as_bytes(),
            attempts: job.attempts.into(),
            available_at: job.available_at.as_micros(),
            enqueued_at: job.enqueued_at.as_micros(),
            lease_id: lease.map(|lease| lease.id.0.as_bytes().as_slice()),
            worker: lease.map(|lease| lease.worker.as_str()),
            lease_expires_at: lease.map(|lease| lease.expires_at.as_micros()),
            announced_at: job.announced_at.map(Timestamp::as_micros),
        }
    }
}
