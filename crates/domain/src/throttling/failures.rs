//! The failures of one network, whoever it tries to be.
//!
//! As with [`Tries`](super::Tries), a try is counted when it is let in: otherwise a thousand at once would all be let in
//! before the first of them fails. It goes on counting if it fails, or if nobody ever tells what became of it.

use std::time::Duration;

use super::{GuessOutcome, TooSoon};
use crate::time::Timestamp;

/// How many failures a network has in how much time. Success forgets them.
///
/// This goes by network alone, so whoever can sign in from there as somebody could clear the way for guesses at others: it
/// is a limit beside [`Tries`](super::Tries), never instead of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FailureQuota {
    /// So many.
    pub most: usize,
    /// In any span of this length.
    pub window: Duration,
}

impl FailureQuota {
    /// katkru's: five in five minutes.
    pub const KATKRU: Self = Self { most: 5, window: Duration::from_mins(5) };
}

/// The tries of one network that count: what a store keeps for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedTries {
    quota: FailureQuota,
    /// When each was let in, the oldest first.
    at: Vec<Timestamp>,
    /// So many of them, taken for the newest, have not come to anything yet.
    under_way: usize,
}

impl CountedTries {
    /// When to come back if tries are under way that may well succeed.
    const NEXT_TURN: Duration = Duration::from_secs(1);

    /// Nobody has tried yet.
    pub const fn none(quota: FailureQuota) -> Self {
        Self { quota, at: Vec::new(), under_way: 0 }
    }

    /// What a store kept: when each was let in, the oldest first, and how many of them are under way.
    pub const fn kept(quota: FailureQuota, at: Vec<Timestamp>, under_way: usize) -> Self {
        Self { quota, at, under_way }
    }

    /// Whether there is nothing to remember.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// When there is nothing to remember any more, if nothing happens before; `None` if there is nothing now.
    pub fn forgotten_at(&self) -> Option<Timestamp> {
        self.at.last().map(|newest| newest.plus(self.quota.window))
    }

    /// Lets one more in, which is then under way, or says how long to wait.
    pub fn admit(self, now: Timestamp) -> Result<Self, TooSoon> {
        let mut tries = self.at(now);
        if tries.at.len() >= tries.quota.most {
            let oldest = tries.at.first().copied().unwrap_or(now);
            let wait = oldest.plus(tries.quota.window).since(now);
            let retry_after = if tries.under_way > 0 { wait.min(Self::NEXT_TURN) } else { wait };
            return Err(TooSoon { retry_after });
        }
        tries.at.push(now);
        tries.under_way += 1;
        Ok(tries)
    }

    /// What a try that was under way came to.
    pub fn settle(self, outcome: GuessOutcome, now: Timestamp) -> Self {
        let mut tries = self.at(now);
        let others = tries.under_way.saturating_sub(1);
        match outcome {
            GuessOutcome::Right => {
                let forgotten = tries.at.len().saturating_sub(others);
                tries.at.drain(..forgotten);
            }
            GuessOutcome::Unknown if tries.under_way > 0 => {
                tries.at.pop();
            }
            GuessOutcome::Wrong | GuessOutcome::Unknown => {}
        }
        Self { under_way: others, ..tries }
    }

    /// As it is now: without what is too old.
    fn at(self, now: Timestamp) -> Self {
        // A clock that was set back must not make anybody wait until it has caught up.
        let at = self.at.into_iter().map(|at| at.min(now));
        let at: Vec<_> = at.filter(|at| now < at.plus(self.quota.window)).collect();
        let under_way = self.under_way.min(at.len());
        Self { at, under_way, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: FailureQuota = FailureQuota { most: 3, window: Duration::from_secs(100) };

    fn after(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(seconds))
    }

    fn fail(tries: CountedTries, seconds: u64) -> CountedTries {
        tries.admit(after(seconds)).unwrap().settle(GuessOutcome::Wrong, after(seconds))
    }

    fn none() -> CountedTries {
        CountedTries::none(QUOTA)
    }

    /// Failures at 10, 20 and 30 seconds.
    fn used_up() -> CountedTries {
        [10, 20, 30].into_iter().fold(none(), fail)
    }

    fn wait(tries: &CountedTries, seconds: u64) -> Option<u64> {
        tries.clone().admit(after(seconds)).err().map(|too_soon| too_soon.retry_after.as_secs())
    }

    #[test]
    fn beyond_the_quota_there_is_a_wait_until_the_oldest_failure_is_forgotten() {
        assert_eq!(wait(&used_up(), 30), Some(80));
        assert_eq!(wait(&used_up(), 109), Some(1));
        assert_eq!(wait(&used_up(), 110), None);
        assert_eq!(wait(&fail(used_up(), 110), 110), Some(10), "one place is one try");
    }

    #[test]
    fn a_refused_try_does_not_count() {
        let tries = used_up();
        for seconds in 31..110 {
            assert!(wait(&tries, seconds).is_some());
        }
        assert_eq!(wait(&tries, 110), None);
    }

    #[test]
    fn of_many_at_once_no_more_are_let_in_than_one_after_the_other() {
        let mut tries = none();
        let admitted = (0..100).filter(|_| tries.clone().admit(after(1)).map(|next| tries = next).is_ok());
        assert_eq!(admitted.count(), 3);
        assert_eq!(wait(&tries, 1), Some(1), "they may yet succeed");
        let failed = (0..3).fold(tries, |tries, _| tries.settle(GuessOutcome::Wrong, after(2)));
        assert_eq!(wait(&failed, 2), Some(99));
    }

    #[test]
    fn success_forgets_failures_but_not_what_is_under_way() {
        let tries = fail(none(), 1).admit(after(2)).unwrap().admit(after(3)).unwrap();
        let tries = tries.settle(GuessOutcome::Right, after(4));
        assert_eq!(tries, CountedTries::kept(QUOTA, vec![after(3)], 1));
        assert!(tries.settle(GuessOutcome::Right, after(5)).is_empty());
    }

    #[test]
    fn a_try_that_was_never_compared_is_no_failure() {
        let tries = fail(none(), 1).admit(after(2)).unwrap().settle(GuessOutcome::Unknown, after(3));
        assert_eq!(tries, fail(none(), 1));
        assert_eq!(tries.clone().settle(GuessOutcome::Unknown, after(3)), tries, "it was told already");
    }

    #[test]
    fn a_try_of_which_nothing_is_told_counts_as_long_as_a_failure() {
        let tries = (0..3).fold(none(), |tries, _| tries.admit(after(1)).unwrap());
        assert_eq!(wait(&tries, 100), Some(1));
        assert_eq!(wait(&tries, 101), None);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
        let tries = (0..3).fold(none(), |tries, _| fail(tries, 5000));
        assert_eq!(wait(&tries, 0), Some(100));
    }

    #[test]
    fn what_is_forgotten_is_forgotten_with_the_newest() {
        assert_eq!(none().forgotten_at(), None);
        assert_eq!(used_up().forgotten_at(), Some(after(130)));
    }
}
