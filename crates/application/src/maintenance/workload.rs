//! Measuring how much there is to do.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{chain, use_case_error},
    metrics::catalogue::{JOBS, JOBS_OLDEST, LEASED, MAILS_WAITING, RESTING, TRANSCRIPTIONS, WAITING},
    ports::{Clock, Queries, StoreError},
};

/// How often the database is asked, however often anybody asks for metrics.
const INTERVAL: Duration = Duration::from_secs(15);

/// Reads how much there is to do, in one statement, and sets the metrics that say it.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct MeasureWorkload {
    pub queries: Arc<dyn Queries>,
    pub clock: Arc<dyn Clock>,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureWorkloadError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(MeasureWorkloadError { ..Store });

impl MeasureWorkload {
    /// Measures every 15 seconds, the first time at once, until `shutdown`.
    pub async fn run(&self, shutdown: CancellationToken) {
        let mut looks = interval(INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = looks.tick() => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                measured = self.execute() => {
                    if let Err(error) = measured {
                        tracing::debug!(error = chain(&error), "can't measure the workload");
                    }
                }
            }
        }
    }

    /// Measures once.
    pub async fn execute(&self) -> Result<(), MeasureWorkloadError> {
        let now = self.clock.now();
        let load = self.queries.workload(now).await?;
        TRANSCRIPTIONS.set_count(["queued"], load.queued);
        TRANSCRIPTIONS.set_count(["in_progress"], load.in_progress);
        TRANSCRIPTIONS.set_count(["processing_error"], load.processing_error);
        JOBS.set_count([WAITING], load.waiting);
        JOBS.set_count([LEASED], load.leased);
        JOBS.set_count([RESTING], load.resting);
        let oldest = load.waiting_since.map_or(Duration::ZERO, |since| now.since(since));
        JOBS_OLDEST.set([], oldest.as_secs_f64());
        MAILS_WAITING.set_count([], load.mails);
        Ok(())
    }
}
