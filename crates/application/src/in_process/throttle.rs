//! Throttling of logins within one process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use lectern_domain::{
    throttling::{AccountKey, FailureCount, Guess, GuessOutcome, TooSoon, Tries},
    time::Timestamp,
};

use super::forgetful::{Forgetful, Forgettable};
use crate::ports::{Clock, LoginThrottle};

/// Remembers the failures of this process, in about 10 MB at most.
///
/// When it is full, the oldest failures are forgotten before their time. Whoever has networks enough to bring that about,
/// past the limits by network, gains little by it: each of those networks has tries of its own anyway.
pub struct LocalLoginThrottle {
    tries: Mutex<Forgetful<Guess, Tries>>,
    clock: Arc<dyn Clock>,
}

impl Forgettable for Tries {
    fn forgotten_at(&self) -> Timestamp {
        Tries::forgotten_at(*self)
    }
}

impl LocalLoginThrottle {
    /// So many pairs of network and account are remembered.
    pub const CAPACITY: usize = 100_000;

    /// One that nobody has tried at yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { tries: Mutex::new(Forgetful::new(Self::CAPACITY)), clock }
    }

    fn tries(&self) -> MutexGuard<'_, Forgetful<Guess, Tries>> {
        // Entries are replaced whole, so a panic elsewhere left none half-written.
        self.tries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LoginThrottle for LocalLoginThrottle {
    async fn admit(&self, guess: Guess, free: FailureCount) -> Result<(), TooSoon> {
        let now = self.clock.now();
        let mut tries = self.tries();
        let known = tries.get(&guess).copied().unwrap_or(Tries::none(now));
        tries.insert(guess, known.admit(free, now)?, now);
        Ok(())
    }

    async fn settle(&self, guess: Guess, outcome: GuessOutcome) {
        let now = self.clock.now();
        let mut tries = self.tries();
        let known = tries.get(&guess).copied().unwrap_or(Tries::none(now));
        let settled = known.settle(outcome, now);
        if settled.is_empty() {
            tries.remove(&guess);
        } else {
            tries.insert(guess, settled, now);
        }
    }

    async fn forgive(&self, accounts: &[AccountKey]) {
        self.tries().retain(|guess| !accounts.contains(&guess.account));
    }
}
