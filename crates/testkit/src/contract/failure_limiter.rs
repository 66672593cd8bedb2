//! The contract of [`FailureLimiter`]: a network has its quota of failures, and success forgets them.

use std::{any::Any, net::IpAddr, sync::Arc, time::Duration};

use futures::future::join_all;
use lectern_application::ports::FailureLimiter;
use lectern_domain::throttling::{FailureQuota, GuessOutcome, Network, TooSoon};

use crate::clock::FakeClock;

/// A limiter that nobody has asked yet.
pub struct FailureLimiterFixture {
    /// The limiter.
    pub limiter: Arc<dyn FailureLimiter>,
    /// The clock that it goes by.
    pub clock: Arc<FakeClock>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Five in 300 seconds.
const QUOTA: FailureQuota = FailureQuota { most: 5, window: Duration::from_mins(5) };

fn network(host: u8) -> Network {
    Network::of(Some(IpAddr::from([203, 0, 113, host])))
}

impl FailureLimiterFixture {
    async fn is_let_in(&self, host: u8) -> bool {
        self.limiter.admit(network(host), QUOTA).await.is_ok()
    }

    async fn settle(&self, host: u8, outcome: GuessOutcome) {
        self.limiter.settle(network(host), QUOTA, outcome).await;
    }

    async fn fail(&self, host: u8, times: usize) {
        for _ in 0..times {
            assert!(self.is_let_in(host).await);
            self.settle(host, GuessOutcome::Wrong).await;
        }
    }

    async fn wait(&self, host: u8) -> Option<Duration> {
        let refused = self.limiter.admit(network(host), QUOTA).await.err();
        refused.map(|TooSoon { retry_after }| retry_after)
    }
}

/// Beyond the quota, each further try has to wait until the oldest failure is forgotten.
pub async fn what_is_beyond_the_quota_of_failures_has_to_wait(fixture: &FailureLimiterFixture) {
    fixture.fail(1, 1).await;
    fixture.clock.advance(Duration::from_secs(100));
    fixture.fail(1, 4).await;
    assert_eq!(fixture.wait(1).await, Some(Duration::from_secs(200)));
    fixture.clock.advance(Duration::from_micros(199_999_999));
    assert_eq!(fixture.wait(1).await, Some(Duration::from_micros(1)));
    fixture.clock.advance(Duration::from_micros(1));
    fixture.fail(1, 1).await;
    assert_eq!(fixture.wait(1).await, Some(Duration::from_secs(100)), "one was forgotten");
}

/// Of tries that come at once, no more MUST be let in than one after the other.
pub async fn of_a_hundred_tries_at_once_a_quota_is_let_in(fixture: &FailureLimiterFixture) {
    let tries = (0..100).map(|_| {
        let limiter = fixture.limiter.clone();
        tokio::spawn(async move { limiter.admit(network(1), QUOTA).await.is_ok() })
    });
    let admitted = join_all(tries).await.into_iter().filter(|admitted| *admitted.as_ref().unwrap());
    assert_eq!(admitted.count(), 5);
}

/// While tries are under way that may succeed, the wait is short.
pub async fn who_comes_while_others_are_under_way_may_come_back_soon(fixture: &FailureLimiterFixture) {
    fixture.fail(1, 4).await;
    assert!(fixture.is_let_in(1).await);
    assert_eq!(fixture.wait(1).await, Some(Duration::from_secs(1)));
    fixture.settle(1, GuessOutcome::Wrong).await;
    assert_eq!(fixture.wait(1).await, Some(Duration::from_mins(5)));
}

/// Other networks MUST NOT be affected.
pub async fn other_networks_have_failures_of_their_own(fixture: &FailureLimiterFixture) {
    fixture.fail(1, 5).await;
    fixture.fail(2, 5).await;
    assert!(fixture.is_let_in(3).await);
    fixture.settle(3, GuessOutcome::Right).await;
    assert!(!fixture.is_let_in(1).await);
}

/// Success forgets the failures before it.
pub async fn success_forgets_all_failures(fixture: &FailureLimiterFixture) {
    for _ in 0..3 {
        fixture.fail(1, 4).await;
        assert!(fixture.is_let_in(1).await);
        fixture.settle(1, GuessOutcome::Right).await;
    }
    fixture.fail(1, 5).await;
    assert!(!fixture.is_let_in(1).await);
}

/// Success forgets no try that is under way.
pub async fn success_forgets_nothing_that_is_under_way(fixture: &FailureLimiterFixture) {
    fixture.fail(1, 2).await;
    for _ in 0..3 {
        assert!(fixture.is_let_in(1).await);
    }
    fixture.settle(1, GuessOutcome::Right).await;
    for _ in 0..2 {
        fixture.settle(1, GuessOutcome::Wrong).await;
    }
    fixture.fail(1, 3).await;
    assert!(!fixture.is_let_in(1).await);
}

/// A try that was never compared leaves no trace.
pub async fn a_try_that_was_never_compared_counts_for_nothing(fixture: &FailureLimiterFixture) {
    for _ in 0..20 {
        assert!(fixture.is_let_in(1).await);
        fixture.settle(1, GuessOutcome::Unknown).await;
    }
    fixture.fail(1, 5).await;
}

/// A try of which that is never told MUST count as a failure.
pub async fn a_try_of_which_nothing_is_told_is_a_failure(fixture: &FailureLimiterFixture) {
    for _ in 0..5 {
        assert!(fixture.is_let_in(1).await);
    }
    fixture.clock.advance(Duration::from_secs(299));
    assert!(!fixture.is_let_in(1).await);
    fixture.clock.advance(Duration::from_secs(1));
    fixture.fail(1, 5).await;
}

/// Stamps the contract of [`FailureLimiter`] as tests.
///
/// Takes an async expression that makes a fresh [`FailureLimiterFixture`].
#[macro_export]
macro_rules! failure_limiter_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; failure_limiter:
            what_is_beyond_the_quota_of_failures_has_to_wait,
            of_a_hundred_tries_at_once_a_quota_is_let_in,
            who_comes_while_others_are_under_way_may_come_back_soon,
            other_networks_have_failures_of_their_own,
            success_forgets_all_failures,
            success_forgets_nothing_that_is_under_way,
            a_try_that_was_never_compared_counts_for_nothing,
            a_try_of_which_nothing_is_told_is_a_failure,
        );
    };
}
