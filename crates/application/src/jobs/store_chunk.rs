//! Storing what was recognised.

use std::sync::Arc;

use lectern_domain::transcription::{Chunk, LeaseId, LeaseRules};

use super::{
    JobError,
    held::{chunk_stored, held},
};
use crate::ports::{Clock, EventBus, Transactions};

/// Stores a chunk for the holder of a lease.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct StoreChunk {
    pub transactions: Arc<dyn Transactions>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub rules: LeaseRules,
}

impl StoreChunk {
    /// Stores it; one of the same number is replaced.
    pub async fn execute(&self, lease: LeaseId, chunk: &Chunk) -> Result<(), JobError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let (job, transcription) = held(&mut *work, lease, now).await?;
        let transcription = chunk_stored(&mut *work, transcription, chunk, now).await?;
        let id = transcription.id();
        work.save_transcription(&transcription).await?;
        work.put_job(&job.progress(lease, now, self.rules)?).await?;
        work.commit().await?;
        self.events.publish(id);
        Ok(())
    }
}
