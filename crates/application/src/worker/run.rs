//! The worker's loop.

use std::{future::Future, sync::Arc, time::Duration};

use lectern_domain::transcription::WorkerName;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::chunker::{ChunkFailure, Chunker};
use crate::{
    error::chain,
    ports::{AudioDecoder, JobSource, JobSourceError, LeasedJob, Pulse, Recognizer},
};

/// The longest pause between two tries to reach the source.
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// Works on one job at a time.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct Worker {
    pub name: WorkerName,
    pub source: Arc<dyn JobSource>,
    pub decoder: Arc<dyn AudioDecoder>,
    pub recognizer: Arc<dyn Recognizer>,
}

/// How the work on a job ended.
enum Outcome {
    /// Every missing chunk was stored.
    Done,
    /// It can't be done, for this reason.
    Failed(String),
    /// The owner called it off.
    Cancelled,
    /// The worker is to stop.
    ShuttingDown,
    /// Another worker has it, or none.
    LeaseLost,
}

/// Why a job could not be done.
#[derive(Debug, thiserror::Error)]
enum JobFailure {
    #[error(transparent)]
    Chunk(#[from] ChunkFailure),
    #[error(transparent)]
    Source(#[from] JobSourceError),
}

impl Worker {
    /// Works until `shutdown`. A job at hand is given back then, so that another worker can go on at once.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut openings = self.source.openings();
        let mut backoff = Backoff::default();
        while !shutdown.is_cancelled() {
            let pause = match self.source.lease(&self.name).await {
                Ok(Some(job)) => {
                    backoff = Backoff::default();
                    let span = tracing::info_span!("job", transcription = %job.transcription.0);
                    self.work(&job, &shutdown).instrument(span).await;
                    continue;
                }
                Ok(None) => None,
                Err(error) => {
                    let pause = backoff.next();
                    tracing::warn!(error = chain(&error), ?pause, "can't lease a job; trying again");
                    Some(pause)
                }
            };
            let wait = async {
                match pause {
                    None => openings.changed().await,
                    Some(pause) => sleep(pause).await,
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = wait => {}
            }
        }
    }

    async fn work(&self, job: &LeasedJob, shutdown: &CancellationToken) {
        let id = job.transcription.0;
        tracing::info!(transcription = %id, missing = job.missing.len(), "job leased");
        // Whichever comes first; the others are dropped, and a recogniser's child process with them.
        let outcome = tokio::select! {
            biased;
            () = shutdown.cancelled() => Outcome::ShuttingDown,
            outcome = self.keep_lease(job) => outcome,
            outcome = self.transcribe(job) => outcome,
        };
        let closed = match outcome {
            Outcome::Done => self.close(job, "complete", || self.source.complete(job.lease)).await,
            Outcome::Failed(detail) => {
                tracing::warn!(transcription = %id, detail, "job failed");
                self.close(job, "fail", || self.source.fail(job.lease, &detail)).await
            }
            Outcome::Cancelled | Outcome::ShuttingDown => {
                self.close(job, "release", || self.source.release(job.lease)).await
            }
            Outcome::LeaseLost => Err(JobSourceError::LeaseLost),
        };
        match closed {
            Ok(()) => tracing::info!(transcription = %id, "job closed"),
            // Nothing is lost: the lease expires and somebody else goes on.
            Err(error) => tracing::warn!(transcription = %id, error = chain(&error), "job left to others"),
        }
    }

    /// Sends heartbeats; returns only when the work must stop.
    async fn keep_lease(&self, job: &LeasedJob) -> Outcome {
        let mut beats = self.source.beats(job);
        let mut last_success = Instant::now();
        // The first one at once: the owner may have called it off between the lease and the first look at the news.
        loop {
            match self.source.heartbeat(job.lease).await {
                Ok(Pulse::Continue) => last_success = Instant::now(),
                Ok(Pulse::Cancelled) => return Outcome::Cancelled,
                Err(JobSourceError::LeaseLost | JobSourceError::Refused { .. }) => return Outcome::LeaseLost,
                Err(JobSourceError::Unavailable { .. }) => {
                    if last_success.elapsed() >= job.lease_duration {
                        return Outcome::LeaseLost;
                    }
                }
            }
            beats.changed().await;
        }
    }

    async fn transcribe(&self, job: &LeasedJob) -> Outcome {
        match self.transcribe_missing(job).await {
            Ok(()) => Outcome::Done,
            Err(JobFailure::Source(JobSourceError::LeaseLost)) => Outcome::LeaseLost,
            Err(failure) => Outcome::Failed(chain(&failure)),
        }
    }

    async fn transcribe_missing(&self, job: &LeasedJob) -> Result<(), JobFailure> {
        if job.missing.is_empty() {
            return Ok(());
        }
        let file = persist(|| self.source.audio(job)).await?;
        let language = job.language.as_ref();
        let mut chunker = Chunker::new(&*self.decoder, &*self.recognizer, &file, job.plan, language);
        for &number in &job.missing {
            let chunk = chunker.chunk(number).await?;
            persist(|| self.source.store_chunk(job.lease, chunk.clone())).await?;
        }
        Ok(())
    }

    /// Says the last word of a job, for as long as the lease can last.
    async fn close<F>(
        &self,
        job: &LeasedJob,
        call: &'static str,
        close: impl Fn() -> F,
    ) -> Result<(), JobSourceError>
    where
        F: Future<Output = Result<(), JobSourceError>>,
    {
        timeout(job.lease_duration, persist(close)).await.unwrap_or_else(|elapsed| {
            tracing::debug!(lease = %job.lease.0, call, "gave up");
            Err(JobSourceError::Unavailable { source: elapsed.into() })
        })
    }
}

/// Calls again for as long as the source can't be reached. Bounded by the lease: whoever waits here also sends
/// heartbeats, and stops when those fail for too long.
async fn persist<T, F>(call: impl Fn() -> F) -> Result<T, JobSourceError>
where
    F: Future<Output = Result<T, JobSourceError>>,
{
    let mut backoff = Backoff::default();
    loop {
        match call().await {
            Err(JobSourceError::Unavailable { source }) => {
                let pause = backoff.next();
                tracing::warn!(
                    error = chain(&*source),
                    ?pause,
                    "can't reach the source of jobs; trying again"
                );
                sleep(pause).await;
            }
            other => return other,
        }
    }
}

/// Pauses that double.
struct Backoff(Duration);

impl Default for Backoff {
    fn default() -> Self {
        Self(Duration::from_millis(100))
    }
}

impl Backoff {
    fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = pause.saturating_mul(2).min(MAX_BACKOFF);
        pause
    }
}
