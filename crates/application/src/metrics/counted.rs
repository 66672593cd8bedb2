//! Ports that count what they refuse, whatever is behind them.

use std::sync::Arc;

use async_trait::async_trait;
use lectern_domain::throttling::{
    AccountKey, FailureCount, FailureQuota, Guess, GuessOutcome, Network, TooSoon, Verdict,
};

use super::catalogue;
use crate::ports::{FailureLimiter, LimitClass, LoginThrottle, RateLimiter};

/// A throttle of logins that counts whom it makes wait.
pub struct CountedThrottle(pub Arc<dyn LoginThrottle>);

#[async_trait]
impl LoginThrottle for CountedThrottle {
    async fn admit(&self, guess: Guess, free: FailureCount) -> Result<(), TooSoon> {
        let admitted = self.0.admit(guess, free).await;
        if admitted.is_err() {
            catalogue::THROTTLED.count([catalogue::GUESSES]);
        }
        admitted
    }

    async fn settle(&self, guess: Guess, outcome: GuessOutcome) {
        self.0.settle(guess, outcome).await;
    }

    async fn forgive(&self, accounts: &[AccountKey]) {
        self.0.forgive(accounts).await;
    }
}

/// A quota of failures that counts whom it makes wait.
pub struct CountedFailureLimiter(pub Arc<dyn FailureLimiter>);

#[async_trait]
impl FailureLimiter for CountedFailureLimiter {
    async fn admit(&self, network: Network, quota: FailureQuota) -> Result<(), TooSoon> {
        let admitted = self.0.admit(network, quota).await;
        if admitted.is_err() {
            catalogue::THROTTLED.count([catalogue::FAILURES]);
        }
        admitted
    }

    async fn settle(&self, network: Network, quota: FailureQuota, outcome: GuessOutcome) {
        self.0.settle(network, quota, outcome).await;
    }
}

/// Limits that count whom they refuse.
pub struct CountedRateLimiter(pub Arc<dyn RateLimiter>);

#[async_trait]
impl RateLimiter for CountedRateLimiter {
    async fn take(&self, class: LimitClass, network: Network) -> Verdict {
        let verdict = self.0.take(class, network).await;
        if verdict.retry_after.is_some() {
            catalogue::RATE_LIMITED.count([class.name()]);
        }
        verdict
    }
}
