//! Limits and throttles: by the rules of the domain, and for all replicas together.

use std::{net::IpAddr, sync::Arc, time::Duration};

use lectern_application::{
    in_process::{LocalFailureLimiter, LocalLoginThrottle, LocalRateLimiter},
    ports::{FailureLimiter, LimitClass, LoginThrottle, RateLimiter},
};
use lectern_domain::throttling::{
    AccountKey, FailureCount, FailureQuota, Guess, GuessOutcome, Network, Tries,
};
use lectern_testkit::{clock::FakeClock, contract::rate_limiter::quotas};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::fixture::{Replica, fresh_prefix, settings, two_replicas};

fn network() -> Network {
    Network::of(Some(IpAddr::from([203, 0, 113, 1])))
}

fn guess() -> Guess {
    Guess { network: network(), account: AccountKey::of_login("ada") }
}

#[tokio::test]
async fn a_network_has_one_quota_at_all_replicas() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let limiters = [one.redis.rate_limiter(quotas()), other.redis.rate_limiter(quotas())];
    for request in 0..3 {
        let verdict = limiters[request % 2].take(LimitClass::LogIn, network()).await;
        assert_eq!(verdict.retry_after, None);
    }
    for limiter in limiters {
        assert!(limiter.take(LimitClass::LogIn, network()).await.retry_after.is_some());
    }
}

#[tokio::test]
async fn failures_count_at_all_replicas() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let throttles = [one.redis.login_throttle(), other.redis.login_throttle()];
    for failure in 0..4 {
        throttles[failure % 2].admit(guess(), FailureCount::FREE).await.unwrap();
        throttles[(failure + 1) % 2].settle(guess(), GuessOutcome::Wrong).await;
    }
    for throttle in throttles {
        throttle.admit(guess(), FailureCount::FREE).await.unwrap_err();
    }
}

#[tokio::test]
async fn failures_of_a_network_count_at_all_replicas() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let limiters = [one.redis.failure_limiter(), other.redis.failure_limiter()];
    let quota = FailureQuota::KATKRU;
    for failure in 0..quota.most {
        limiters[failure % 2].admit(network(), quota).await.unwrap();
        limiters[(failure + 1) % 2].settle(network(), quota, GuessOutcome::Wrong).await;
    }
    for limiter in limiters {
        limiter.admit(network(), quota).await.unwrap_err();
    }
}

#[tokio::test]
async fn who_is_forgiven_is_forgiven_at_all_replicas_and_again() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let throttles = [one.redis.login_throttle(), other.redis.login_throttle()];
    for turn in 0..3 {
        for _ in 0..4 {
            throttles[0].admit(guess(), FailureCount::FREE).await.unwrap();
            throttles[0].settle(guess(), GuessOutcome::Wrong).await;
        }
        throttles[1].admit(guess(), FailureCount::FREE).await.unwrap_err();
        throttles[turn % 2].forgive(&[guess().account]).await;
    }
    throttles[1].admit(guess(), FailureCount::FREE).await.unwrap();
}

/// What happens between two questions.
#[derive(Debug, Clone)]
enum Step {
    Pass(Duration),
    SetBack(Duration),
    Take,
    Admit,
    Settle(GuessOutcome),
    Forgive,
}

fn spans() -> impl Strategy<Value = Duration> {
    let usual = (0_u64..70_000_000).prop_map(Duration::from_micros);
    let special = [0, 1, 1_000_000, 2_000_000, 20_000_000, 60_000_000].map(Duration::from_micros);
    prop_oneof![usual, prop::sample::select(special.to_vec()), Just(Tries::MEMORY), Just(Tries::PATIENCE)]
}

fn requests() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Take),
        1 => spans().prop_map(Step::Pass),
        1 => spans().prop_map(Step::SetBack),
    ];
    prop::collection::vec(step, 0..40)
}

fn tries() -> impl Strategy<Value = Vec<Step>> {
    let outcomes = vec![GuessOutcome::Right, GuessOutcome::Wrong, GuessOutcome::Wrong, GuessOutcome::Unknown];
    let step = prop_oneof![
        6 => Just(Step::Admit),
        6 => prop::sample::select(outcomes).prop_map(Step::Settle),
        4 => spans().prop_map(Step::Pass),
        1 => spans().prop_map(Step::SetBack),
        1 => Just(Step::Forgive),
    ];
    prop::collection::vec(step, 0..80)
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Lets time pass, if that is what happens.
fn pass(step: &Step, clock: &FakeClock) {
    use lectern_application::ports::Clock;

    match step {
        Step::Pass(span) => clock.advance(*span),
        Step::SetBack(span) => clock.set(clock.now().minus(*span)),
        Step::Take | Step::Admit | Step::Settle(_) | Step::Forgive => {}
    }
}

#[test]
fn requests_get_the_verdicts_of_the_domain() {
    let runtime = runtime();
    proptest!(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() }, |(steps in requests())| {
        runtime.block_on(async {
            let clock = Arc::new(FakeClock::default());
            let replica = Replica::begin(settings().with_prefix(fresh_prefix()), clock.clone()).await;
            let (shared, local) = (replica.redis.rate_limiter(quotas()), LocalRateLimiter::new(clock.clone(), quotas()));
            for step in &steps {
                pass(step, &clock);
                if let Step::Take = step {
                    let expected = local.take(LimitClass::LogIn, network()).await;
                    prop_assert_eq!(shared.take(LimitClass::LogIn, network()).await, expected);
                }
            }
            prop_assert!(replica.redis.state().commands.is_in_reach());
            Ok(())
        })?;
    });
}

#[test]
fn tries_get_the_verdicts_of_the_domain() {
    let runtime = runtime();
    proptest!(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() }, |(steps in tries())| {
        runtime.block_on(async {
            let clock = Arc::new(FakeClock::default());
            let replica = Replica::begin(settings().with_prefix(fresh_prefix()), clock.clone()).await;
            let (shared, local) = (replica.redis.login_throttle(), LocalLoginThrottle::new(clock.clone()));
            for step in &steps {
                pass(step, &clock);
                match step {
                    Step::Admit => prop_assert_eq!(shared.admit(guess(), FailureCount::FREE).await, local.admit(guess(), FailureCount::FREE).await),
                    Step::Settle(outcome) => {
                        local.settle(guess(), *outcome).await;
                        shared.settle(guess(), *outcome).await;
                    }
                    Step::Forgive => {
                        local.forgive(&[guess().account]).await;
                        shared.forgive(&[guess().account]).await;
                    }
                    Step::Pass(_) | Step::SetBack(_) | Step::Take => {}
                }
            }
            prop_assert!(replica.redis.state().commands.is_in_reach());
            Ok(())
        })?;
    });
}

#[test]
fn failures_get_the_verdicts_of_the_domain() {
    let runtime = runtime();
    let quota = FailureQuota { most: 5, window: Duration::from_mins(1) };
    proptest!(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() }, |(steps in tries())| {
        runtime.block_on(async {
            let clock = Arc::new(FakeClock::default());
            let replica = Replica::begin(settings().with_prefix(fresh_prefix()), clock.clone()).await;
            let (shared, local) = (replica.redis.failure_limiter(), LocalFailureLimiter::new(clock.clone()));
            for step in &steps {
                pass(step, &clock);
                match step {
                    Step::Admit => {
                        let expected = local.admit(network(), quota).await;
                        prop_assert_eq!(shared.admit(network(), quota).await, expected);
                    }
                    Step::Settle(outcome) => {
                        local.settle(network(), quota, *outcome).await;
                        shared.settle(network(), quota, *outcome).await;
                    }
                    Step::Pass(_) | Step::SetBack(_) | Step::Take | Step::Forgive => {}
                }
            }
            prop_assert!(replica.redis.state().commands.is_in_reach());
            Ok(())
        })?;
    });
}
