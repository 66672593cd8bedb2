//! How many requests may come in how much time.

use std::{num::NonZeroU32, time::Duration};

use crate::time::Timestamp;

/// So many requests at once, and from then on one each interval: a leaky bucket as a meter, in the form of the generic
/// cell rate algorithm (ITU-T I.371, annex A). One instant is all there is to remember of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    burst: NonZeroU32,
    interval: Duration,
}

/// What there is to remember: the theoretical arrival time, at which the whole quota is there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaState {
    full_at: Timestamp,
}

/// Whether a request is let in, and what the client is told about its quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// How many requests may come at once.
    pub limit: u32,
    /// How many more are let in right now.
    pub remaining: u32,
    /// How long until the whole quota is there again; of a refused request, until the next one is let in.
    pub reset: Duration,
    /// How long to wait, if the request is refused.
    pub retry_after: Option<Duration>,
}

impl Quota {
    /// So many requests a minute, at least one, and all of them at once if none came before.
    pub fn per_minute(requests: u32) -> Self {
        let burst = NonZeroU32::new(requests).unwrap_or(NonZeroU32::MIN);
        // Whole microseconds, as `Timestamp` counts them.
        let micros = (60_000_000 / burst).max(1);
        Self { burst, interval: Duration::from_micros(micros.into()) }
    }

    /// How many requests may come at once.
    pub const fn burst(self) -> u32 {
        self.burst.get()
    }

    /// How long one request's part of the quota takes to come back.
    pub const fn interval(self) -> Duration {
        self.interval
    }

    /// Counts a request, if it is let in; a refused one changes nothing. `state` is `None` for whoever asks for the
    /// first time.
    pub fn take(self, state: Option<QuotaState>, now: Timestamp) -> (Option<QuotaState>, Verdict) {
        let window = self.window();
        let owed = state.map_or(Duration::ZERO, |state| state.full_at.since(now));
        // Nobody can owe more than everything: a clock that was set back has made it look so.
        let owed = if owed > window { Duration::ZERO } else { owed };
        let limit = self.burst();
        let would_owe = owed.saturating_add(self.interval);
        let wait = would_owe.saturating_sub(window);
        if !wait.is_zero() {
            return (state, Verdict { limit, remaining: 0, reset: wait, retry_after: Some(wait) });
        }
        let remaining = window.saturating_sub(would_owe).as_micros() / self.interval.as_micros();
        let remaining = u32::try_from(remaining).unwrap_or(limit);
        let state = QuotaState { full_at: now.plus(would_owe) };
        (Some(state), Verdict { limit, remaining, reset: would_owe, retry_after: None })
    }

    /// How long the whole quota takes to come back.
    pub fn window(self) -> Duration {
        self.interval.saturating_mul(self.burst())
    }
}

impl QuotaState {
    /// That of a network whose whole quota is there again at that time.
    pub const fn full_at(full_at: Timestamp) -> Self {
        Self { full_at }
    }

    /// When there is nothing to remember any more.
    pub const fn forgotten_at(self) -> Timestamp {
        self.full_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn quota(requests: u32) -> Quota {
        Quota::per_minute(requests)
    }

    #[test]
    fn a_burst_is_let_in_and_counted_down() {
        let mut state = None;
        let mut remaining = Vec::new();
        for _ in 0..3 {
            let (next, verdict) = quota(3).take(state, START);
            state = next;
            assert_eq!((verdict.limit, verdict.retry_after), (3, None));
            remaining.push((verdict.remaining, verdict.reset.as_secs()));
        }
        assert_eq!(remaining, [(2, 20), (1, 40), (0, 60)]);
        let (_, refused) = quota(3).take(state, START);
        let wait = Duration::from_secs(20);
        assert_eq!(refused, Verdict { limit: 3, remaining: 0, reset: wait, retry_after: Some(wait) });
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let (state, _) = quota(1).take(None, START);
        let (after, refused) = quota(1).take(state, START);
        assert!(refused.retry_after.is_some());
        assert_eq!(after, state);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let (state, _) = quota(1).take(None, START.plus(Duration::from_hours(1)));
        let (_, verdict) = quota(1).take(state, START);
        assert_eq!(verdict.retry_after, None);
    }

    #[test]
    fn limits_that_do_not_divide_a_minute_still_hold() {
        for requests in [1, 7, 11, 59, 999_999, 60_000_000, u32::MAX] {
            let (_, verdict) = quota(requests).take(None, START);
            assert_eq!((verdict.limit, verdict.remaining), (requests, requests - 1), "{requests}");
        }
    }
}
