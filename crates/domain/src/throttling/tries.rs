//! The tries of one network at one account's password.
//!
//! A try is counted when it is let in, not when it turns out to be wrong: otherwise a thousand tries at once would all
//! be let in before the first of them fails. A try whose outcome is never told, because its connection broke, counts as
//! a failure after a while.

use std::time::Duration;

use super::{AccountKey, Network};
use crate::time::Timestamp;

/// Who guesses whose password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guess {
    /// Where the try comes from.
    pub network: Network,
    /// Whose password it is about.
    pub account: AccountKey,
}

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuessOutcome {
    /// The password was right, and whoever knew it got in.
    Right,
    /// It was not.
    Wrong,
    /// It was never compared, through no fault of whoever tried.
    Unknown,
}

/// Another try is refused, whatever the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there were too many failed attempts; wait a little and try again")]
pub struct TooSoon {
    /// How long to wait.
    pub retry_after: Duration,
}

/// Failures in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct FailureCount(pub u32);

impl FailureCount {
    /// So many are free, as a rule: people mistype.
    pub const FREE: Self = Self(3);
    /// The longest that anybody waits for the next try.
    pub const LONGEST_DELAY: Duration = Duration::from_mins(1);

    /// How long after the last failure the next try is let in. Of three free ones: 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60…
    /// seconds.
    pub fn delay(self, free: Self) -> Duration {
        let Some(doublings) = self.0.checked_sub(free.0.saturating_add(1)) else { return Duration::ZERO };
        let seconds = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
        Duration::from_secs(seconds).min(Self::LONGEST_DELAY)
    }

    fn and(self, more: u32) -> Self {
        Self(self.0.saturating_add(more))
    }
}

/// The tries of one network at one account's password: what a store keeps for a [`Guess`].
///
/// While failures are free, several tries may be under way at once, because several devices of one person may sign in
/// at once; from then on they are made one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tries {
    failures: FailureCount,
    under_way: u32,
    /// When the last try was let in or failed.
    last: Timestamp,
}

impl Tries {
    /// Failures are forgotten so long after the last one.
    pub const MEMORY: Duration = Duration::from_mins(15);
    /// So many may be under way at once or have failed, as long as none has to wait.
    pub const MOST_AT_ONCE: u32 = 32;
    /// A try that is under way for longer has failed. No password takes that long to check.
    pub const PATIENCE: Duration = Duration::from_mins(1);
    /// When to come back if too many tries are under way.
    const NEXT_TURN: Duration = Duration::from_secs(1);

    /// Nobody has tried yet.
    pub const fn none(now: Timestamp) -> Self {
        Self { failures: FailureCount(0), under_way: 0, last: now }
    }

    /// What a store kept: failures, how many tries are under way, and when the last one was let in or failed.
    pub const fn kept(failures: FailureCount, under_way: u32, last: Timestamp) -> Self {
        Self { failures, under_way, last }
    }

    /// Failures so far.
    pub const fn failures(self) -> FailureCount {
        self.failures
    }

    /// Whether there is nothing to remember.
    pub const fn is_empty(self) -> bool {
        self.failures.0 == 0 && self.under_way == 0
    }

    /// When there is nothing to remember any more, if nothing happens before.
    pub fn forgotten_at(self) -> Timestamp {
        // A try that is under way will have failed by then, and that is remembered.
        let patience = if self.under_way == 0 { Duration::ZERO } else { Self::PATIENCE };
        self.last.plus(patience).plus(Self::MEMORY)
    }

    /// Lets one more in, which is then under way, or says how long to wait, if so many failures are `free`.
    pub fn admit(self, free: FailureCount, now: Timestamp) -> Result<Self, TooSoon> {
        let tries = self.at(now);
        let wait = tries.last.plus(tries.failures.delay(free)).since(now);
        if !wait.is_zero() {
            return Err(TooSoon { retry_after: wait });
        }
        let is_turn_taken = if tries.failures <= free {
            tries.failures.and(tries.under_way).0 >= Self::MOST_AT_ONCE
        } else {
            tries.under_way > 0
        };
        if is_turn_taken {
            return Err(TooSoon { retry_after: Self::NEXT_TURN });
        }
        Ok(Self { under_way: tries.under_way.saturating_add(1), last: now, ..tries })
    }

    /// What a try that was under way came to.
    pub fn settle(self, outcome: GuessOutcome, now: Timestamp) -> Self {
        let tries = self.at(now);
        let tries = Self { under_way: tries.under_way.saturating_sub(1), ..tries };
        match outcome {
            GuessOutcome::Right => Self { failures: FailureCount(0), ..tries },
            GuessOutcome::Wrong => Self { failures: tries.failures.and(1), last: now, ..tries },
            GuessOutcome::Unknown => tries,
        }
    }

    /// As it is now: what is old enough is forgotten, and what never ended has failed.
    fn at(self, now: Timestamp) -> Self {
        if now >= self.forgotten_at() {
            return Self::none(now);
        }
        if self.under_way > 0 && now >= self.last.plus(Self::PATIENCE) {
            let last = self.last.plus(Self::PATIENCE);
            return Self { failures: self.failures.and(self.under_way), under_way: 0, last };
        }
        // A clock that was set back must not make anybody wait until it has caught up.
        Self { last: self.last.min(now), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(0);
    const FREE: FailureCount = FailureCount::FREE;

    fn after(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    fn failed(tries: Tries, at: Timestamp) -> Result<Tries, TooSoon> {
        Ok(tries.admit(FREE, at)?.settle(GuessOutcome::Wrong, at))
    }

    fn wait(seconds: u64) -> Result<Tries, TooSoon> {
        Err(TooSoon { retry_after: Duration::from_secs(seconds) })
    }

    #[test]
    fn three_failures_are_free_and_then_delays_double_up_to_a_minute() {
        let delays = (1..=12).map(|failures| FailureCount(failures).delay(FREE).as_secs());
        assert_eq!(delays.collect::<Vec<_>>(), [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(FailureCount(0).delay(FREE), Duration::ZERO);
        assert_eq!(FailureCount(u32::MAX).delay(FREE), Duration::from_mins(1));
    }

    #[test]
    fn with_one_more_free_failure_all_delays_come_one_failure_later() {
        let one_more = FailureCount(FREE.0 + 1);
        for failures in 0..20 {
            assert_eq!(FailureCount(failures + 1).delay(one_more), FailureCount(failures).delay(FREE));
        }
    }

    #[test]
    fn who_waits_as_long_as_told_is_let_in() {
        let mut tries = Tries::none(START);
        let mut now = START;
        for delay in [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60] {
            now = now.plus(Duration::from_secs(delay));
            if delay > 0 {
                let early = now.minus(Duration::from_micros(1));
                let told = tries.admit(FREE, early).map_err(|too_soon| too_soon.retry_after);
                assert_eq!(told, Err(Duration::from_micros(1)), "{delay}");
            }
            tries = failed(tries, now).unwrap();
        }
    }

    #[test]
    fn a_hundred_tries_at_once_are_not_all_let_in() {
        let mut tries = Tries::none(START);
        let admitted = (0..100).filter(|_| tries.admit(FREE, START).map(|next| tries = next).is_ok()).count();
        assert_eq!(admitted, 32);
        for _ in 0..admitted {
            tries = tries.settle(GuessOutcome::Wrong, START);
        }
        assert_eq!(tries.admit(FREE, START), wait(60), "and they are counted like those one after the other");
    }

    #[test]
    fn once_failures_cost_tries_are_made_one_after_the_other() {
        let mut tries = Tries::none(START);
        for _ in 0..4 {
            tries = failed(tries, START).unwrap();
        }
        let under_way = tries.admit(FREE, after(1)).unwrap();
        assert_eq!(under_way.admit(FREE, after(1)), wait(1));
        assert!(under_way.settle(GuessOutcome::Right, after(2)).admit(FREE, after(2)).is_ok());
    }

    #[test]
    fn success_forgets_failures_but_not_what_is_under_way() {
        let tries = failed(Tries::none(START), START)
            .unwrap()
            .admit(FREE, START)
            .unwrap()
            .admit(FREE, START)
            .unwrap();
        let tries = tries.settle(GuessOutcome::Right, START);
        assert_eq!((tries.failures(), tries.is_empty()), (FailureCount(0), false));
        assert!(tries.settle(GuessOutcome::Unknown, START).is_empty());
    }

    #[test]
    fn a_try_that_was_never_compared_is_no_failure() {
        let tries = Tries::none(START).admit(FREE, START).unwrap();
        assert!(tries.settle(GuessOutcome::Unknown, START).is_empty());
    }

    #[test]
    fn a_try_that_never_ends_has_failed_after_a_minute() {
        let mut tries = Tries::none(START);
        for _ in 0..32 {
            tries = tries.admit(FREE, START).unwrap();
        }
        assert_eq!(tries.admit(FREE, after(59)), wait(1));
        assert_eq!(tries.admit(FREE, after(60)), wait(60));
        assert!(tries.admit(FREE, after(120)).is_ok());
    }

    #[test]
    fn failures_are_forgotten_a_quarter_of_an_hour_after_the_last() {
        let mut tries = Tries::none(START);
        for _ in 0..4 {
            tries = failed(tries, START).unwrap();
        }
        let forgotten = tries.forgotten_at();
        assert_eq!(forgotten, after(15 * 60));
        let remembered = tries.admit(FREE, forgotten.minus(Duration::from_micros(1))).unwrap();
        assert_eq!(remembered.failures(), FailureCount(4));
        assert_eq!(tries.admit(FREE, forgotten).unwrap().failures(), FailureCount(0));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
        let mut tries = Tries::none(after(3600));
        for _ in 0..4 {
            tries = failed(tries, after(3600)).unwrap();
        }
        assert_eq!(tries.admit(FREE, START), wait(1));
    }
}
