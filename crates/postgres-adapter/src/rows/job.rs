//! Jobs.

use diesel::{
    pg::Pg,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use lectern_application::ports::StoreError;
use lectern_domain::transcription::{Job, JobParts, Lease, LeaseId, TranscriptionId, WorkerName};

use uuid::Uuid;

use super::{At, Row};
use crate::schema::jobs;

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(Pg))]
pub(crate) struct JobRow {
    transcription_id: Uuid,
    attempts: i64,
    available_at: At,
    enqueued_at: At,
    lease_id: Option<Uuid>,
    worker: Option<String>,
    lease_expires_at: Option<At>,
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
        }))
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
        }
    }
}
