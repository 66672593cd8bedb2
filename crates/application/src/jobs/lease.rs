//! Taking a job.

use std::sync::Arc;

use lectern_domain::transcription::{LeaseId, LeaseRefused, LeaseRules, WorkerName};

use super::{JobError, held::count_error};
use crate::{
    metrics::{catalogue::LEASES_LOST, failed},
    ports::{Clock, EventBus, Ids, LeasedJob, Transactions},
};

/// Leases the job that has waited longest.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct LeaseJob {
    pub transactions: Arc<dyn Transactions>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub rules: LeaseRules,
}

impl LeaseJob {
    /// Leases a job to `worker`; `None` if there is none to be had.
    pub async fn execute(&self, worker: &WorkerName) -> Result<Option<LeasedJob>, JobError> {
        loop {
            let now = self.clock.now();
            let mut work = self.transactions.begin().await?;
            let Some(job) = work.next_available_job(now).await? else { return Ok(None) };
            let was_lost = job.parts().lease.is_some();
            let id = job.parts().transcription;
            let transcription = work.transcription(id).await?;
            let Some(transcription) = transcription.filter(|found| found.state().is_active()) else {
                // Cancelled while a worker had it that never came back.
                work.remove_job(id).await?;
                work.commit().await?;
                continue;
            };
            let lease = LeaseId(self.ids.next());
            let job = match job.clone().lease(lease, worker.clone(), now, self.rules) {
                Ok(job) => job,
                Err(LeaseRefused::NotAvailable) => return Ok(None),
                Err(refused @ LeaseRefused::Exhausted(_)) => {
                    tracing::error!(transcription = %id.0, %refused, "counting an error");
                    let transcription = count_error(&mut *work, job, transcription, now, self.rules).await?;
                    work.commit().await?;
                    failed(&transcription);
                    self.events.publish(id);
                    continue;
                }
            };
            let transcription = transcription.start(now)?;
            let stored = work.chunk_numbers(id).await?;
            work.save_transcription(&transcription).await?;
            work.put_job(&job).await?;
            work.commit().await?;
            if was_lost {
                LEASES_LOST.count([]);
            }
            self.events.publish(id);
            let parts = transcription.parts();
            return Ok(Some(LeasedJob {
                lease,
                lease_duration: self.rules.duration,
                transcription: id,
                plan: parts.plan,
                missing: parts.plan.missing(&stored).collect(),
                language: parts.language.clone(),
            }));
        }
    }
}
