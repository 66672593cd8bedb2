//! Jobs of this very process.

use std::time::Duration;

use async_trait::async_trait;
use lectern_domain::transcription::{Chunk, LeaseId, WorkerName};

use crate::{
    ErrorKind, UseCaseError,
    jobs::{CompleteJob, FailJob, HeartbeatJob, JobError, LeaseJob, OpenJobAudio, ReleaseJob, StoreChunk},
    ports::{JobSource, JobSourceError, LeasedJob, LocalFile, Pulse, Source, Watch},
};

/// How long to wait for a hint before looking anyway: jobs that rest after an error, or whose worker died, become
/// available without one.
const POLL: Duration = Duration::from_secs(1);

/// The use cases of [`jobs`](crate::jobs) as a source of jobs.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are the use cases")]
pub struct EmbeddedJobs {
    pub lease: LeaseJob,
    pub heartbeat: HeartbeatJob,
    pub open_audio: OpenJobAudio,
    pub store_chunk: StoreChunk,
    pub complete: CompleteJob,
    pub fail: FailJob,
    pub release: ReleaseJob,
}

fn source_error<E: UseCaseError>(error: E) -> JobSourceError {
    match (error.kind(), error.code()) {
        (_, "lease_lost") => JobSourceError::LeaseLost,
        // What is broken for good, such as a recording that is gone, is an error of the job: it is counted, not retried.
        (ErrorKind::Unavailable | ErrorKind::Full, _) => {
            JobSourceError::Unavailable { source: Source::from(error) }
        }
        _ => JobSourceError::Refused { detail: error.to_string() },
    }
}

#[async_trait]
impl JobSource for EmbeddedJobs {
    async fn lease(&self, worker: &WorkerName) -> Result<Option<LeasedJob>, JobSourceError> {
        self.lease.execute(worker).await.map_err(source_error::<JobError>)
    }

    fn openings(&self) -> Box<dyn Watch> {
        Box::new(Impatient { watch: self.lease.events.watch_jobs(), at_most: POLL })
    }

    fn beats(&self, job: &LeasedJob) -> Box<dyn Watch> {
        let watch = self.lease.events.watch(job.transcription);
        Box::new(Impatient { watch, at_most: job.lease_duration / 3 })
    }

    async fn heartbeat(&self, lease: LeaseId) -> Result<Pulse, JobSourceError> {
        self.heartbeat.execute(lease).await.map_err(source_error)
    }

    async fn audio(&self, job: &LeasedJob) -> Result<LocalFile, JobSourceError> {
        self.open_audio.local(job.lease).await.map_err(source_error)
    }

    async fn store_chunk(&self, lease: LeaseId, chunk: Chunk) -> Result<(), JobSourceError> {
        self.store_chunk.execute(lease, &chunk).await.map_err(source_error)
    }

    async fn complete(&self, lease: LeaseId) -> Result<(), JobSourceError> {
        self.complete.execute(lease).await.map_err(source_error)
    }

    async fn fail(&self, lease: LeaseId, detail: &str) -> Result<(), JobSourceError> {
        self.fail.execute(lease, detail).await.map_err(source_error)
    }

    async fn release(&self, lease: LeaseId) -> Result<(), JobSourceError> {
        self.release.execute(lease).await.map_err(source_error)
    }
}

/// Waits for news, but not for long.
struct Impatient {
    watch: Box<dyn Watch>,
    at_most: Duration,
}

#[async_trait]
impl Watch for Impatient {
    async fn changed(&mut self) {
        // Either way it is time to look.
        let _ = tokio::time::timeout(self.at_most, self.watch.changed()).await;
    }
}
