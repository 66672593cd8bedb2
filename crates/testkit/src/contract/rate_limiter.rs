//! The contract of [`RateLimiter`]: a network gets its quota, and what it is told about it is true.

use std::{any::Any, net::IpAddr, sync::Arc, time::Duration};

use futures::future::join_all;
use lectern_application::ports::{LimitClass, Quotas, RateLimiter};
use lectern_domain::throttling::{Network, Quota, Verdict};

use crate::clock::FakeClock;

/// A limiter that nobody has asked yet.
pub struct RateLimiterFixture {
    /// The limiter, with the quotas of [`quotas`].
    pub limiter: Arc<dyn RateLimiter>,
    /// The clock that it goes by.
    pub clock: Arc<FakeClock>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// What the limiter of a fixture must be made with: three logins a minute, else the defaults.
pub fn quotas() -> Quotas {
    Quotas { log_in: Quota::per_minute(3), ..Quotas::default() }
}

fn network(host: u8) -> Network {
    Network::of(Some(IpAddr::from([203, 0, 113, host])))
}

impl RateLimiterFixture {
    async fn log_in(&self, host: u8) -> Verdict {
        self.limiter.take(LimitClass::LogIn, network(host)).await
    }

    async fn use_up(&self, host: u8) {
        for _ in 0..3 {
            assert_eq!(self.log_in(host).await.retry_after, None);
        }
    }
}

/// A whole quota may be used at once, and is counted down.
pub async fn a_quota_is_counted_down(fixture: &RateLimiterFixture) {
    for (remaining, reset) in [(2, 20), (1, 40), (0, 60)] {
        let reset = Duration::from_secs(reset);
        let expected = Verdict { limit: 3, remaining, reset, retry_after: None };
        assert_eq!(fixture.log_in(1).await, expected);
    }
}

/// What is beyond it is refused until a part of it is there again.
pub async fn what_is_beyond_the_quota_has_to_wait(fixture: &RateLimiterFixture) {
    fixture.use_up(1).await;
    let wait = Duration::from_secs(20);
    let refused = Verdict { limit: 3, remaining: 0, reset: wait, retry_after: Some(wait) };
    assert_eq!(fixture.log_in(1).await, refused);
    fixture.clock.advance(Duration::from_millis(19_999));
    assert_eq!(fixture.log_in(1).await.retry_after, Some(Duration::from_millis(1)));
    fixture.clock.advance(Duration::from_millis(1));
    assert_eq!(fixture.log_in(1).await.retry_after, None);
    assert!(fixture.log_in(1).await.retry_after.is_some(), "one part makes one request");
}

/// A refused request MUST NOT be counted.
pub async fn a_refused_request_is_not_counted(fixture: &RateLimiterFixture) {
    fixture.use_up(1).await;
    for _ in 0..10 {
        assert_eq!(fixture.log_in(1).await.retry_after, Some(Duration::from_secs(20)));
    }
}

/// The whole quota is there again after a minute, and never more.
pub async fn the_quota_comes_back_whole_and_never_more(fixture: &RateLimiterFixture) {
    fixture.use_up(1).await;
    fixture.clock.advance(Duration::from_hours(1));
    fixture.use_up(1).await;
    assert!(fixture.log_in(1).await.retry_after.is_some());
}

/// Other networks and other classes MUST NOT be affected.
pub async fn others_have_quotas_of_their_own(fixture: &RateLimiterFixture) {
    fixture.use_up(1).await;
    assert_eq!(fixture.log_in(2).await.remaining, 2);
    for class in LimitClass::ALL.into_iter().filter(|class| *class != LimitClass::LogIn) {
        let verdict = fixture.limiter.take(class, network(1)).await;
        let limit = quotas().of(class).burst();
        assert_eq!((verdict.limit, verdict.remaining), (limit, limit - 1), "{class:?}");
    }
}

/// Of requests that come at once, no more MUST be let in than one after the other.
pub async fn of_a_hundred_requests_at_once_a_quota_is_let_in(fixture: &RateLimiterFixture) {
    let requests = (0..100).map(|_| {
        let limiter = fixture.limiter.clone();
        tokio::spawn(async move { limiter.take(LimitClass::LogIn, network(1)).await })
    });
    let verdicts = join_all(requests).await;
    let admitted = verdicts.into_iter().filter(|verdict| verdict.as_ref().unwrap().retry_after.is_none());
    assert_eq!(admitted.count(), 3);
}

/// Stamps the contract of [`RateLimiter`] as tests.
///
/// Takes an async expression that makes a fresh [`RateLimiterFixture`].
#[macro_export]
macro_rules! rate_limiter_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; rate_limiter:
            a_quota_is_counted_down,
            what_is_beyond_the_quota_has_to_wait,
            a_refused_request_is_not_counted,
            the_quota_comes_back_whole_and_never_more,
            others_have_quotas_of_their_own,
            of_a_hundred_requests_at_once_a_quota_is_let_in,
        );
    };
}
