//! Giving a job back.

use std::sync::Arc;

use lectern_domain::transcription::LeaseId;

use super::{JobError, held::held};
use crate::ports::{Clock, EventBus, Transactions};

/// Gives a job back unfinished: another worker can have it at once. The job of a transcription that was cancelled is
/// over; the transcription stays cancelled, with the chunks it has.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ReleaseJob {
    pub transactions: Arc<dyn Transactions>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
}

impl ReleaseJob {
    /// Gives it back.
    pub async fn execute(&self, lease: LeaseId) -> Result<(), JobError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let (job, transcription) = held(&mut *work, lease, now).await?;
        if transcription.state().is_active() {
            work.put_job(&job.release(lease, now)?).await?;
            work.commit().await?;
            self.events.announce_job();
        } else {
            work.remove_job(transcription.id()).await?;
            work.commit().await?;
        }
        Ok(())
    }
}
