//! However somebody guesses, and however often a network asks.

use std::time::Duration;

use lectern_domain::{
    throttling::{FailureCount, GuessOutcome, Quota, Tries},
    time::Timestamp,
};
use proptest::prelude::*;

const START: Timestamp = Timestamp::from_micros(0);

fn outcome() -> impl Strategy<Value = GuessOutcome> {
    prop_oneof![Just(GuessOutcome::Wrong), Just(GuessOutcome::Right), Just(GuessOutcome::Unknown)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// At each step somebody waits and tries, and perhaps learns the outcome of an earlier try.
    #[test]
    fn nobody_guesses_faster_than_once_a_minute_for_long(
        steps in prop::collection::vec((0_u64..5_000, any::<bool>()), 1..400),
    ) {
        let (mut tries, mut now, mut admitted) = (Tries::none(START), START, Vec::new());
        for (millis, is_settled) in steps {
            now = now.plus(Duration::from_millis(millis));
            if let Ok(next) = tries.admit(FailureCount::FREE, now) {
                tries = next;
                admitted.push(now);
            }
            if is_settled {
                tries = tries.settle(GuessOutcome::Wrong, now);
            }
        }
        // Once the free ones and the doubling delays are used up, a minute has one.
        let minutes = usize::try_from(now.since(START).as_secs() / 60).unwrap();
        prop_assert!(admitted.len() <= 32 + 8 + minutes, "{} in {minutes} minutes", admitted.len());
    }

    #[test]
    fn whoever_waits_as_long_as_told_gets_another_turn_within_two_minutes(
        steps in prop::collection::vec((0_u64..100, outcome(), any::<bool>()), 1..100),
    ) {
        let (mut tries, mut now) = (Tries::none(START), START);
        for (seconds, outcome, is_admitted) in steps {
            now = now.plus(Duration::from_secs(seconds));
            match tries.admit(FailureCount::FREE, now) {
                Ok(next) if is_admitted => tries = next,
                Ok(_) => tries = tries.settle(outcome, now),
                Err(too_soon) => {
                    prop_assert!(too_soon.retry_after > Duration::ZERO);
                    prop_assert!(too_soon.retry_after <= FailureCount::LONGEST_DELAY);
                }
            }
        }
        let at_last = now.plus(Tries::PATIENCE).plus(FailureCount::LONGEST_DELAY);
        prop_assert!(tries.admit(FailureCount::FREE, at_last).is_ok());
    }

    #[test]
    fn what_is_forgotten_is_as_if_it_had_never_been(
        steps in prop::collection::vec((0_u64..100, outcome()), 1..50),
    ) {
        let (mut tries, mut now) = (Tries::none(START), START);
        for (seconds, outcome) in steps {
            now = now.plus(Duration::from_secs(seconds));
            tries = tries.admit(FailureCount::FREE, now).unwrap_or(tries);
            tries = tries.settle(outcome, now);
        }
        let then = tries.forgotten_at();
        prop_assert_eq!(tries.admit(FailureCount::FREE, then), Tries::none(then).admit(FailureCount::FREE, then));
    }

    #[test]
    fn no_network_gets_more_than_its_quota(
        requests in 1_u32..100,
        waits in prop::collection::vec(0_u64..3_000, 1..400),
    ) {
        let quota = Quota::per_minute(requests);
        let (mut state, mut now, mut admitted) = (None, START, 0_u32);
        for millis in waits {
            now = now.plus(Duration::from_millis(millis));
            let (next, verdict) = quota.take(state, now);
            state = next;
            admitted += u32::from(verdict.retry_after.is_none());
            prop_assert!(verdict.remaining < verdict.limit);
            prop_assert!(verdict.reset <= Duration::from_mins(1));
        }
        let refilled = now.since(START).as_micros() / quota.interval().as_micros();
        prop_assert!(u128::from(admitted) <= u128::from(requests) + refilled);
    }

    #[test]
    fn what_a_client_is_told_about_its_quota_is_true(
        requests in 1_u32..100,
        waits in prop::collection::vec(0_u64..3_000, 1..100),
    ) {
        let quota = Quota::per_minute(requests);
        let (mut state, mut now) = (None, START);
        for millis in waits {
            now = now.plus(Duration::from_millis(millis));
            let (next, verdict) = quota.take(state, now);
            state = next;
            let mut rest = state;
            for _ in 0..verdict.remaining {
                let (next, told) = quota.take(rest, now);
                prop_assert_eq!(told.retry_after, None);
                rest = next;
            }
            let (_, refused) = quota.take(rest, now);
            let wait = refused.retry_after.unwrap();
            let (_, early) = quota.take(rest, now.plus(wait).minus(Duration::from_micros(1)));
            prop_assert!(early.retry_after.is_some());
            let (_, in_time) = quota.take(rest, now.plus(wait));
            prop_assert_eq!(in_time.retry_after, None);
        }
    }
}
