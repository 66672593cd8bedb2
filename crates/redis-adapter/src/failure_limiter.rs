//! Quotas of failures by network, counted for all replicas together.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lectern_application::{
    in_process::LocalFailureLimiter,
    ports::{Clock, FailureLimiter},
};
use lectern_domain::{
    throttling::{CountedTries, FailureQuota, GuessOutcome, Network, TooSoon},
    time::Timestamp,
};
use redis::{Script, ScriptInvocation};

use crate::{keys::Keys, link::Link, scripts};

/// Tries are kept for so long after they are forgotten, should the clocks of the replicas differ.
const SLACK: Duration = Duration::from_mins(1);

/// A [`FailureLimiter`] in Redis. While that is out of reach, each process counts by itself, and what it has counted is not
/// carried over.
///
/// The scripts count; what it comes to is told by [`CountedTries`].
pub struct RedisFailureLimiter {
    link: Arc<Link>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    local: LocalFailureLimiter,
}

impl RedisFailureLimiter {
    pub(crate) fn new(link: Arc<Link>, keys: Keys, clock: Arc<dyn Clock>) -> Self {
        let local = LocalFailureLimiter::new(Arc::clone(&clock));
        Self { link, keys, clock, local }
    }

    /// What both scripts begin with.
    fn script<'a>(
        &self,
        script: &'a Script,
        network: Network,
        quota: FailureQuota,
        now: Timestamp,
    ) -> ScriptInvocation<'a> {
        let mut script = script.prepare_invoke();
        script.key(self.keys.failures(network)).arg(now.as_micros());
        script.arg(quota.window.as_micros().to_string()).arg(SLACK.as_millis().to_string());
        script
    }
}

/// What a script answered: the tries before, if any were kept.
fn read(quota: FailureQuota, kept: Option<(String, usize)>) -> CountedTries {
    let Some((at, under_way)) = kept else { return CountedTries::none(quota) };
    let at = at.split(',').filter_map(|micros| micros.parse().ok()).map(Timestamp::from_micros);
    CountedTries::kept(quota, at.collect(), under_way)
}

#[async_trait]
impl FailureLimiter for RedisFailureLimiter {
    async fn admit(&self, network: Network, quota: FailureQuota) -> Result<(), TooSoon> {
        let now = self.clock.now();
        let mut script = self.script(&scripts::ADMIT_FAILURE, network, quota, now);
        script.arg(quota.most);
        match self.link.invoke::<Option<(String, usize)>>(&script).await {
            Some(kept) => read(quota, kept).admit(now).map(drop),
            None => self.local.admit(network, quota).await,
        }
    }

    async fn settle(&self, network: Network, quota: FailureQuota, outcome: GuessOutcome) {
        let mut script = self.script(&scripts::SETTLE_FAILURE, network, quota, self.clock.now());
        script.arg(match outcome {
            GuessOutcome::Right => "right",
            GuessOutcome::Wrong => "wrong",
            GuessOutcome::Unknown => "unknown",
        });
        if self.link.invoke::<()>(&script).await.is_none() {
            self.local.settle(network, quota, outcome).await;
        }
    }
}
