//! Limits by network, counted for all replicas together.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lectern_application::{
    in_process::LocalRateLimiter,
    ports::{Clock, LimitClass, Quotas, RateLimiter},
};
use lectern_domain::{
    throttling::{Network, QuotaState, Verdict},
    time::Timestamp,
};

use crate::{keys::Keys, link::Link, scripts};

/// States are kept for so long after the quota is whole again, should the clocks of the replicas differ.
const SLACK: Duration = Duration::from_mins(1);

/// A [`RateLimiter`] in Redis. While that is out of reach, each process counts by itself: a network then has a quota at each
/// replica, and what it has used of one it has not used of another.
///
/// The script counts; what it comes to is told by [`Quota`](lectern_domain::throttling::Quota).
pub struct RedisRateLimiter {
    link: Arc<Link>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    quotas: Quotas,
    local: LocalRateLimiter,
}

impl RedisRateLimiter {
    pub(crate) fn new(link: Arc<Link>, keys: Keys, clock: Arc<dyn Clock>, quotas: Quotas) -> Self {
        let local = LocalRateLimiter::new(Arc::clone(&clock), quotas);
        Self { link, keys, clock, quotas, local }
    }
}

#[async_trait]
impl RateLimiter for RedisRateLimiter {
    async fn take(&self, class: LimitClass, network: Network) -> Verdict {
        let (quota, now) = (self.quotas.of(class), self.clock.now());
        let mut script = scripts::TAKE.prepare_invoke();
        script.key(self.keys.quota(class, network)).arg(now.as_micros());
        script.arg(quota.interval().as_micros().to_string()).arg(quota.window().as_micros().to_string());
        script.arg(SLACK.as_millis().to_string());
        match self.link.invoke::<Option<i64>>(&script).await {
            Some(full_at) => {
                let state = full_at.map(|micros| QuotaState::full_at(Timestamp::from_micros(micros)));
                let (_, verdict) = quota.take(state, now);
                verdict
            }
            None => self.local.take(class, network).await,
        }
    }
}
