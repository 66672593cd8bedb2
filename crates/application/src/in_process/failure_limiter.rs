//! Quotas of failures by network within one process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lectern_domain::{
    throttling::{CountedTries, FailureQuota, GuessOutcome, Network, TooSoon},
    time::Timestamp,
};

use super::forgetful::{Forgetful, Forgettable};
use crate::ports::{Clock, FailureLimiter};

/// Counts the failures of this process, in about 15 MB at most. When it is full, the oldest are forgotten before their time.
pub struct LocalFailureLimiter {
    tries: Mutex<Forgetful<Network, CountedTries>>,
    clock: Arc<dyn Clock>,
}

impl Forgettable for CountedTries {
    fn forgotten_at(&self) -> Timestamp {
        CountedTries::forgotten_at(self).unwrap_or(Timestamp::from_micros(0))
    }
}

impl LocalFailureLimiter {
    /// So many networks are remembered.
    pub const CAPACITY: usize = 100_000;

    /// One that nobody has tried at yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { tries: Mutex::new(Forgetful::new(Self::CAPACITY)), clock }
    }

    fn tries(&self) -> MutexGuard<'_, Forgetful<Network, CountedTries>> {
        // Entries are replaced whole, so a panic elsewhere left none half-written.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl FailureLimiter for LocalFailureLimiter {
    async fn admit(&self, network: Network, quota: FailureQuota) -> Result<(), TooSoon> {
        let now = self.clock.now();
        let mut tries = self.tries();
        let known = tries.get(&network).cloned().unwrap_or(CountedTries::none(quota));
        tries.insert(network, known.admit(now)?, now);
        Ok(())
    }

    async fn settle(&self, network: Network, quota: FailureQuota, outcome: GuessOutcome) {
        let now = self.clock.now();
        let mut tries = self.tries();
        let known = tries.get(&network).cloned().unwrap_or(CountedTries::none(quota));
        let settled = known.settle(outcome, now);
        if settled.is_empty() {
            tries.remove(&network);
        } else {
            tries.insert(network, settled, now);
        }
    }
}
