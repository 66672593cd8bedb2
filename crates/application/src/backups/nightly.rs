//! Taking a backup every night.

use std::{sync::Arc, time::Duration};

use lectern_domain::time::{TimeOfDay, Timestamp};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::{Occasion, TakeBackup};
use crate::{
    error::chain,
    ports::{AuditFilter, Clock, PageRequest, Queries, StoreError},
};

/// Who comes to the duty so long after the hour still takes the backup: another may have died in the middle.
const WINDOW: Duration = Duration::from_hours(1);
/// How long after a failure it is tried again, within the window.
const PAUSE: Duration = Duration::from_mins(15);
/// The clock may be set meanwhile, or the machine sleep.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// A server that has just started has better things to do.
const FIRST_LOOK: Duration = Duration::from_mins(1);

/// Takes a backup a day, on whichever replica has the duty.
///
/// Whether it was taken is known from the audit log, which all replicas share, unlike their folders: whoever starts or
/// takes over within the window takes no second one.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, use cases and rules, described at their types")]
pub struct BackUpNightly {
    pub take: TakeBackup,
    pub queries: Arc<dyn Queries>,
    pub clock: Arc<dyn Clock>,
    pub at: TimeOfDay,
}

impl BackUpNightly {
    /// Takes them until `stop`. One that is under way then leaves nothing.
    pub async fn run(&self, stop: CancellationToken) {
        let mut wait = FIRST_LOOK;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(wait) => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                next = self.take_if_due() => wait = next,
            }
        }
    }

    /// Takes it if it is due, and answers when to look again.
    async fn take_if_due(&self) -> Duration {
        let now = self.clock.now();
        let next = self.at.next(now).since(now).min(LONGEST_WAIT);
        match self.is_due(now).await {
            Ok(false) => next,
            Ok(true) => match self.take.execute(Occasion::Schedule).await {
                Ok(_) => next,
                // It has been logged.
                Err(_) => PAUSE,
            },
            Err(error) => {
                tracing::warn!(error = chain(&error), "can't tell whether a backup is due");
                next
            }
        }
    }

    async fn is_due(&self, now: Timestamp) -> Result<bool, StoreError> {
        let due = self.at.last(now);
        if now.since(due) >= WINDOW {
            return Ok(false);
        }
        let filter = AuditFilter { kind: Some("backup_taken"), ..AuditFilter::default() };
        let taken = self.queries.audit_events(&filter, PageRequest::first(1)).await?;
        Ok(taken.items.first().is_none_or(|last| last.at < due))
    }
}
