//! A worker could not do it.

use std::sync::Arc;

use lectern_domain::transcription::{LeaseId, LeaseRules};

use super::{
    JobError,
    held::{count_error, held},
};
use crate::{
    metrics::failed,
    ports::{Clock, EventBus, Transactions},
};

/// Counts an error. The job rests for a while and is then to be had again; after the third error it is over.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct FailJob {
    pub transactions: Arc<dyn Transactions>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub rules: LeaseRules,
}

impl FailJob {
    /// Counts it. The detail is for operators: it goes to the log.
    pub async fn execute(&self, lease: LeaseId, detail: &str) -> Result<(), JobError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let (job, transcription) = held(&mut *work, lease, now).await?;
        let transcription = count_error(&mut *work, job, transcription, now, self.rules).await?;
        work.commit().await?;
        failed(&transcription);
        let id = transcription.id();
        let errors = transcription.parts().error_count;
        tracing::warn!(transcription = %id.0, errors, detail, "a worker failed");
        self.events.publish(id);
        Ok(())
    }
}
