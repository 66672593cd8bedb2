//! Throttling of logins, counted for all replicas together.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lectern_application::{
    in_process::LocalLoginThrottle,
    ports::{Clock, LoginThrottle},
};
use lectern_domain::{
    throttling::{AccountKey, FailureCount, Guess, GuessOutcome, TooSoon, Tries},
    time::Timestamp,
};
use redis::{Script, ScriptInvocation};

use crate::{keys::Keys, link::Link, scripts};

/// Tries are kept for so long after they are forgotten, should the clocks of the replicas differ.
const SLACK: Duration = Duration::from_mins(1);

/// A [`LoginThrottle`] in Redis. While that is out of reach, each process counts by itself, and what it has counted is not
/// carried over; so a guesser has as many more tries as there are replicas, each with delays of its own. A forgiveness
/// that doesn't reach Redis is forgotten: whoever was to be forgiven may have to wait for up to a minute.
///
/// The scripts count; what it comes to is told by [`Tries`]. A forgiveness is one number for each account, which tries are
/// kept with: those of another are not there.
pub struct RedisLoginThrottle {
    link: Arc<Link>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    local: LocalLoginThrottle,
}

fn micros(span: Duration) -> u64 {
    span.as_micros().try_into().unwrap_or(u64::MAX)
}

fn millis(span: Duration) -> u64 {
    span.as_millis().try_into().unwrap_or(u64::MAX)
}

/// The delays (µs) after 0, 1, 2… failures, up to the longest.
fn delays(free: FailureCount) -> Vec<u64> {
    let delays = (0..).map(|failures| FailureCount(failures).delay(free));
    let growing = delays.take_while(|delay| *delay < FailureCount::LONGEST_DELAY);
    growing.chain([FailureCount::LONGEST_DELAY]).map(micros).collect()
}

impl RedisLoginThrottle {
    pub(crate) fn new(link: Arc<Link>, keys: Keys, clock: Arc<dyn Clock>) -> Self {
        let local = LocalLoginThrottle::new(Arc::clone(&clock));
        Self { link, keys, clock, local }
    }

    /// What all scripts of tries begin with.
    fn script<'a>(&self, script: &'a Script, guess: Guess, now: Timestamp) -> ScriptInvocation<'a> {
        let mut script = script.prepare_invoke();
        script.key(self.keys.tries(guess)).key(self.keys.forgiveness(&guess.account));
        script
            .arg(now.as_micros())
            .arg(micros(Tries::MEMORY))
            .arg(micros(Tries::PATIENCE))
            .arg(millis(SLACK));
        script
    }
}

#[async_trait]
impl LoginThrottle for RedisLoginThrottle {
    async fn admit(&self, guess: Guess, free: FailureCount) -> Result<(), TooSoon> {
        let now = self.clock.now();
        let mut script = self.script(&scripts::ADMIT, guess, now);
        script.arg(free.0).arg(Tries::MOST_AT_ONCE).arg(delays(free));
        match self.link.invoke::<Option<(u32, u32, i64)>>(&script).await {
            Some(kept) => {
                let tries = kept.map_or(Tries::none(now), |(failures, under_way, last)| {
                    Tries::kept(FailureCount(failures), under_way, Timestamp::from_micros(last))
                });
                tries.admit(free, now).map(drop)
            }
            None => self.local.admit(guess, free).await,
        }
    }

    async fn settle(&self, guess: Guess, outcome: GuessOutcome) {
        let mut script = self.script(&scripts::SETTLE, guess, self.clock.now());
        script.arg(match outcome {
            GuessOutcome::Right => "right",
            GuessOutcome::Wrong => "wrong",
            GuessOutcome::Unknown => "unknown",
        });
        if self.link.invoke::<()>(&script).await.is_none() {
            self.local.settle(guess, outcome).await;
        }
    }

    async fn forgive(&self, accounts: &[AccountKey]) {
        self.local.forgive(accounts).await;
        if accounts.is_empty() {
            return;
        }
        let mut script = scripts::FORGIVE.prepare_invoke();
        for account in accounts {
            script.key(self.keys.forgiveness(account));
        }
        let remembered = Tries::MEMORY + Tries::PATIENCE + SLACK;
        // For longer than any tries from before.
        script.arg(millis(remembered + SLACK));
        self.link.invoke::<()>(&script).await;
    }
}
