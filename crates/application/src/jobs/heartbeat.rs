//! A worker's sign of life.

use std::sync::Arc;

use lectern_domain::transcription::{LeaseId, LeaseRules, StateName};

use super::{JobError, held::held};
use crate::ports::{Clock, Pulse, Transactions};

/// Extends a lease, and tells the worker whether to go on.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct HeartbeatJob {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub rules: LeaseRules,
}

impl HeartbeatJob {
    /// Extends it.
    pub async fn execute(&self, lease: LeaseId) -> Result<Pulse, JobError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let (job, transcription) = held(&mut *work, lease, now).await?;
        work.put_job(&job.extend(lease, now, self.rules)?).await?;
        work.commit().await?;
        Ok(match transcription.state() {
            StateName::Cancelled => Pulse::Cancelled,
            _ => Pulse::Continue,
        })
    }
}
