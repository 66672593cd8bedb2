//! The end of a job.

use std::sync::Arc;

use lectern_domain::transcription::LeaseId;

use super::{JobError, held::held};
use crate::{
    metrics::finished,
    ports::{Clock, EventBus, Transactions},
};

/// Ends a job: its transcription is completed, or partially if chunks are missing.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CompleteJob {
    pub transactions: Arc<dyn Transactions>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
}

impl CompleteJob {
    /// Ends it.
    pub async fn execute(&self, lease: LeaseId) -> Result<(), JobError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let (_, transcription) = held(&mut *work, lease, now).await?;
        let id = transcription.id();
        let stored = work.chunk_numbers(id).await?;
        let transcription = transcription.finish(&stored, now)?;
        work.save_transcription(&transcription).await?;
        work.remove_job(id).await?;
        work.commit().await?;
        finished(&transcription);
        self.events.publish(id);
        Ok(())
    }
}
