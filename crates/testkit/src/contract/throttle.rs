//! The contract of [`LoginThrottle`]: whoever guesses has to wait, and nobody else.

use std::{any::Any, net::IpAddr, sync::Arc, time::Duration};

use futures::future::join_all;
use lectern_application::ports::LoginThrottle;
use lectern_domain::throttling::{AccountKey, FailureCount, Guess, GuessOutcome, Network, TooSoon, Tries};

use crate::clock::FakeClock;

/// A throttle at which nobody has tried yet.
pub struct LoginThrottleFixture {
    /// The throttle.
    pub throttle: Arc<dyn LoginThrottle>,
    /// The clock that it goes by.
    pub clock: Arc<FakeClock>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// How many failures are free, unless a promise is about that.
const FREE: FailureCount = FailureCount::FREE;

fn guess(host: u8, login: &str) -> Guess {
    let network = Network::of(Some(IpAddr::from([203, 0, 113, host])));
    Guess { network, account: AccountKey::of_login(login) }
}

impl LoginThrottleFixture {
    async fn fail(&self, guess: Guess, times: usize) {
        for _ in 0..times {
            self.throttle.admit(guess, FREE).await.unwrap();
            self.throttle.settle(guess, GuessOutcome::Wrong).await;
        }
    }

    async fn succeed(&self, guess: Guess) {
        self.throttle.admit(guess, FREE).await.unwrap();
        self.throttle.settle(guess, GuessOutcome::Right).await;
    }

    async fn waits(&self, guess: Guess) -> Option<u64> {
        let refused = self.throttle.admit(guess, FREE).await.err();
        refused.map(|TooSoon { retry_after }| retry_after.as_secs())
    }
}

/// The delays are those of the rules, each told to whoever comes before its end.
pub async fn failures_lead_to_the_delays_of_the_rules(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    fixture.fail(ada, 4).await;
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        assert_eq!(fixture.waits(ada).await, Some(seconds));
        fixture.clock.advance(Duration::from_secs(seconds));
        fixture.fail(ada, 1).await;
    }
}

/// How many failures are free is up to whoever asks; they count for everybody.
pub async fn who_allows_more_failures_lets_the_next_try_in_earlier(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    fixture.fail(ada, 4).await;
    fixture.throttle.admit(ada, FailureCount(4)).await.unwrap();
    fixture.throttle.settle(ada, GuessOutcome::Wrong).await;
    let told = fixture.throttle.admit(ada, FailureCount(4)).await;
    assert_eq!(told, Err(TooSoon { retry_after: Duration::from_secs(1) }));
    assert_eq!(fixture.waits(ada).await, Some(2));
}

/// What is told is what is left of the delay.
pub async fn the_time_that_has_passed_is_part_of_the_delay(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    fixture.fail(ada, 4).await;
    fixture.clock.advance(Duration::from_millis(750));
    let told = fixture.throttle.admit(ada, FREE).await;
    assert_eq!(told, Err(TooSoon { retry_after: Duration::from_millis(250) }));
}

/// Of tries that come at once, no more MUST be let in than one after the other.
pub async fn of_a_hundred_tries_at_once_few_are_let_in(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    let tries = (0..100).map(|_| {
        let throttle = fixture.throttle.clone();
        tokio::spawn(async move { throttle.admit(ada, FREE).await.is_ok() })
    });
    let admitted = join_all(tries).await.into_iter().filter(|admitted| *admitted.as_ref().unwrap()).count();
    assert_eq!(u32::try_from(admitted), Ok(Tries::MOST_AT_ONCE));
    for _ in 0..admitted {
        fixture.throttle.settle(ada, GuessOutcome::Wrong).await;
    }
    assert_eq!(fixture.waits(ada).await, Some(60));
}

/// Once failures cost, tries are made one after the other.
pub async fn after_some_failures_tries_take_turns(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    fixture.fail(ada, 4).await;
    fixture.clock.advance(Duration::from_secs(1));
    assert_eq!(fixture.waits(ada).await, None);
    assert_eq!(fixture.waits(ada).await, Some(1), "one is under way");
}

/// Other networks and other accounts MUST NOT be affected.
pub async fn others_are_not_affected(fixture: &LoginThrottleFixture) {
    fixture.fail(guess(1, "ada"), 4).await;
    assert_eq!(fixture.waits(guess(2, "ada")).await, None);
    assert_eq!(fixture.waits(guess(1, "grace")).await, None);
    assert_eq!(fixture.waits(guess(1, "ada")).await, Some(1));
}

/// Success forgets the failures before it.
pub async fn success_forgets_failures(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    fixture.fail(ada, 3).await;
    fixture.succeed(ada).await;
    fixture.fail(ada, 4).await;
    assert_eq!(fixture.waits(ada).await, Some(1));
}

/// Success forgets no failure of another network.
pub async fn success_elsewhere_forgets_nothing(fixture: &LoginThrottleFixture) {
    fixture.fail(guess(1, "ada"), 4).await;
    fixture.succeed(guess(2, "ada")).await;
    assert_eq!(fixture.waits(guess(1, "ada")).await, Some(1));
}

/// A try that was never compared leaves no trace.
pub async fn a_try_that_was_never_compared_is_no_failure(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    for _ in 0..100 {
        fixture.throttle.admit(ada, FREE).await.unwrap();
        fixture.throttle.settle(ada, GuessOutcome::Unknown).await;
    }
    fixture.fail(ada, 3).await;
    assert_eq!(fixture.waits(ada).await, None);
}

/// A try whose outcome is never told MUST count as a failure.
pub async fn a_try_that_never_ends_is_a_failure(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    for _ in 0..5 {
        fixture.throttle.admit(ada, FREE).await.unwrap();
    }
    fixture.clock.advance(Tries::PATIENCE);
    assert_eq!(fixture.waits(ada).await, Some(2));
}

/// Failures are forgotten so long after the last one, and not before.
pub async fn failures_are_forgotten_in_time(fixture: &LoginThrottleFixture) {
    let ada = guess(1, "ada");
    fixture.fail(ada, 4).await;
    fixture.clock.advance(Tries::MEMORY.saturating_sub(Duration::from_secs(1)));
    fixture.fail(ada, 1).await;
    assert_eq!(fixture.waits(ada).await, Some(2));
    fixture.clock.advance(Tries::MEMORY);
    fixture.fail(ada, 4).await;
    assert_eq!(fixture.waits(ada).await, Some(1));
}

/// Forgiving forgets the failures of all networks at these accounts, and of no other.
pub async fn forgiving_is_for_these_accounts_and_all_networks(fixture: &LoginThrottleFixture) {
    let of = |login| [1, 2].map(|host| guess(host, login));
    for guess in [of("ada"), of("ada@example.org"), of("grace")].as_flattened() {
        fixture.fail(*guess, 4).await;
    }
    let accounts = ["ada", "ada@example.org", "nobody"].map(AccountKey::of_login);
    fixture.throttle.forgive(&accounts).await;
    for forgiven in [of("ada"), of("ada@example.org")].as_flattened() {
        assert_eq!(fixture.waits(*forgiven).await, None);
    }
    for other in of("grace") {
        assert_eq!(fixture.waits(other).await, Some(1));
    }
}

/// Stamps the contract of [`LoginThrottle`] as tests.
///
/// Takes an async expression that makes a fresh [`LoginThrottleFixture`].
#[macro_export]
macro_rules! login_throttle_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; throttle:
            failures_lead_to_the_delays_of_the_rules,
            who_allows_more_failures_lets_the_next_try_in_earlier,
            the_time_that_has_passed_is_part_of_the_delay,
            of_a_hundred_tries_at_once_few_are_let_in,
            after_some_failures_tries_take_turns,
            others_are_not_affected,
            success_forgets_failures,
            success_elsewhere_forgets_nothing,
            a_try_that_was_never_compared_is_no_failure,
            a_try_that_never_ends_is_a_failure,
            failures_are_forgotten_in_time,
            forgiving_is_for_these_accounts_and_all_networks,
        );
    };
}
