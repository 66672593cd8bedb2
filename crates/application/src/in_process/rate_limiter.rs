//! Limits by network within one process.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use lectern_domain::{
    throttling::{Network, QuotaState, Verdict},
    time::Timestamp,
};

use super::forgetful::{Forgetful, Forgettable};
use crate::ports::{Clock, LimitClass, Quotas, RateLimiter};

/// Counts the requests that this process gets, in about 5 MB at most.
///
/// When it is full, networks with the most of their quota left are forgotten first, so that a flood of new ones frees
/// none that is being refused.
pub struct LocalRateLimiter {
    used: Mutex<Forgetful<(LimitClass, Network), QuotaState>>,
    quotas: Quotas,
    clock: Arc<dyn Clock>,
}

impl Forgettable for QuotaState {
    fn forgotten_at(&self) -> Timestamp {
        QuotaState::forgotten_at(*self)
    }
}

impl LocalRateLimiter {
    /// So many networks are remembered.
    pub const CAPACITY: usize = 100_000;

    /// One that nobody has asked yet.
    pub fn new(clock: Arc<dyn Clock>, quotas: Quotas) -> Self {
        Self { used: Mutex::new(Forgetful::new(Self::CAPACITY)), quotas, clock }
    }
}

#[async_trait]
impl RateLimiter for LocalRateLimiter {
    async fn take(&self, class: LimitClass, network: Network) -> Verdict {
        let now = self.clock.now();
        // Entries are replaced whole, so a panic elsewhere left none half-written.
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (class, network);
        let (state, verdict) = self.quotas.of(class).take(used.get(&key).copied(), now);
        if let Some(state) = state {
            used.insert(key, state, now);
        }
        verdict
    }
}
