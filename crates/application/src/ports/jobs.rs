//! Where a worker's jobs come from: this process, or a server far away.

use std::time::Duration;

use async_trait::async_trait;
use lectern_domain::transcription::{
    Chunk, ChunkNumber, ChunkPlan, Language, LeaseId, TranscriptionId, WorkerName,
};

use super::{LocalFile, Source, Watch};

/// A job that this worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedJob {
    /// The lease, to be named in every call.
    pub lease: LeaseId,
    /// How long it lasts without a heartbeat.
    pub lease_duration: Duration,
    /// What there is to do.
    pub transcription: TranscriptionId,
    /// The recording's chunks.
    pub plan: ChunkPlan,
    /// Those that are not stored yet, in order.
    pub missing: Vec<ChunkNumber>,
    /// The language spoken, if the owner said.
    pub language: Option<Language>,
}

/// What a heartbeat answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    /// Go on.
    Continue,
    /// The owner called it off: stop, and release the lease.
    Cancelled,
}

/// Why a call to the source of jobs failed.
#[derive(Debug, thiserror::Error)]
pub enum JobSourceError {
    /// Somebody else has the job now, or nobody. Stop.
    #[error("the lease was lost")]
    LeaseLost,
    /// The source said no, for good.
    #[error("the server refused: {detail}")]
    Refused {
        /// What it said.
        detail: String,
    },
    /// The source can't be reached. Trying again may help.
    #[error("the source of jobs is not available")]
    Unavailable {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// Where a worker's jobs come from.
#[async_trait]
pub trait JobSource: Send + Sync {
    /// Leases a job, if there is one.
    async fn lease(&self, worker: &WorkerName) -> Result<Option<LeasedJob>, JobSourceError>;

    /// Tells when there may be a job to lease, at the latest after the source's own polling interval.
    fn openings(&self) -> Box<dyn Watch>;

    /// Tells when the next heartbeat is due: at the latest after a third of the lease's duration, sooner if there are
    /// news of the job.
    fn beats(&self, job: &LeasedJob) -> Box<dyn Watch>;

    /// A sign of life.
    async fn heartbeat(&self, lease: LeaseId) -> Result<Pulse, JobSourceError>;

    /// The recording.
    async fn audio(&self, job: &LeasedJob) -> Result<LocalFile, JobSourceError>;

    /// Stores a chunk. Storing the same one again MUST be harmless.
    async fn store_chunk(&self, lease: LeaseId, chunk: Chunk) -> Result<(), JobSourceError>;

    /// The work is done.
    async fn complete(&self, lease: LeaseId) -> Result<(), JobSourceError>;

    /// The work failed; the source decides whether it is tried again.
    async fn fail(&self, lease: LeaseId, detail: &str) -> Result<(), JobSourceError>;

    /// Gives the job back unfinished.
    async fn release(&self, lease: LeaseId) -> Result<(), JobSourceError>;
}
