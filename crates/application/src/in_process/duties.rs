//! Duties of a process that is the only one.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::ports::{Claim, Duties, Duty, ReplicaId, StoreError};

/// Gives duties out within this process. For databases that one server has for itself.
#[derive(Debug, Default)]
pub struct LocalDuties {
    leases: Mutex<HashMap<Duty, (ReplicaId, Instant)>>,
}

#[async_trait]
impl Duties for LocalDuties {
    async fn claim(&self, duty: Duty, replica: ReplicaId, lease: Duration) -> Result<Claim, StoreError> {
        let now = Instant::now();
        // Entries are replaced whole, so a panic elsewhere left none half-written.
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        if leases.get(&duty).is_some_and(|(holder, until)| *holder != replica && *until > now) {
            return Ok(Claim::Taken);
        }
        leases.insert(duty, (replica, now + lease));
        Ok(Claim::Held)
    }

    async fn give_back(&self, duty: Duty, replica: ReplicaId) -> Result<(), StoreError> {
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        if leases.get(&duty).is_some_and(|(holder, _)| *holder == replica) {
            leases.remove(&duty);
        }
        Ok(())
    }
}
