//! Everything that replicas share through one Redis.

use std::sync::Arc;

use lectern_application::{
    in_process::{LocalEventBus, LocalSessionCache},
    ports::{Clock, Ids, Part, Quotas, Reach},
};
use redis::Client;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    RedisEventBus, RedisFailureLimiter, RedisLoginThrottle, RedisRateLimiter, RedisSessionCache,
    RedisSettings, RedisState, TieredSessionCache, keys::Keys, link::Link, news::Teller,
    subscription::Subscription,
};

/// A Redis that all replicas use, and what this one makes of it.
pub struct Redis {
    link: Arc<Link>,
    keys: Keys,
    clock: Arc<dyn Clock>,
    shared_sessions: Arc<RedisSessionCache>,
    local_sessions: Arc<LocalSessionCache>,
    events: Arc<RedisEventBus>,
    teller: Teller,
    subscription: Subscription,
}

/// These settings can't be used at all.
#[derive(Debug, thiserror::Error)]
#[error("the settings of Redis can't be used")]
pub struct RedisSetupError {
    #[source]
    source: redis::RedisError,
}

impl Redis {
    /// Connects. That Redis is out of reach is no error: then it begins without, and connects as soon as it can. From
    /// `ids` it takes one, to tell its own messages from others'.
    pub async fn connect(
        settings: RedisSettings,
        clock: Arc<dyn Clock>,
        ids: &dyn Ids,
    ) -> Result<Self, RedisSetupError> {
        if settings.is_encrypted() {
            // The process may have chosen its cryptography already; then this is it.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        }
        let RedisSettings { server, prefix, patience } = settings;
        let client = Client::open(server).map_err(|source| RedisSetupError { source })?;
        let (keys, replica) = (Keys::new(prefix), ids.next());
        let link = Arc::new(Link::begin(client.clone(), keys.clone(), patience, Arc::clone(&clock)).await);
        let local_events = Arc::new(LocalEventBus::default());
        let (events, teller) =
            RedisEventBus::new(Arc::clone(&link), &keys, replica, Arc::clone(&local_events));
        let shared_sessions =
            RedisSessionCache::new(Arc::clone(&link), keys.clone(), Arc::clone(&clock), replica);
        let local_sessions = Arc::new(LocalSessionCache::new(Arc::clone(&clock)));
        let subscription = Subscription {
            client,
            keys: keys.clone(),
            patience,
            clock: Arc::clone(&clock),
            replica,
            sessions: Arc::clone(&local_sessions),
            events: local_events,
            state: link.state().clone(),
        };
        Ok(Self {
            link,
            keys,
            clock,
            shared_sessions: Arc::new(shared_sessions),
            local_sessions,
            events: Arc::new(events),
            teller,
            subscription,
        })
    }

    /// Keeps the connections, and passes on what is said on them, until `shutdown`. To be run once, for as long as anything
    /// of this is used: without it, a connection that is lost stays so, and nothing is heard of other replicas.
    pub async fn run(&self, shutdown: CancellationToken) {
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.link.stay() => {}
            () = self.subscription.listen() => {}
            () = self.teller.tell() => {}
        }
    }

    /// What this process remembers of sessions, in front of what all replicas do.
    pub fn session_cache(&self) -> TieredSessionCache {
        TieredSessionCache::new(Arc::clone(&self.local_sessions), self.shared_session_cache())
    }

    /// What all replicas remember of sessions, without anything in front.
    pub fn shared_session_cache(&self) -> Arc<RedisSessionCache> {
        Arc::clone(&self.shared_sessions)
    }

    /// Limits by network, for all replicas together.
    pub fn rate_limiter(&self, quotas: Quotas) -> RedisRateLimiter {
        RedisRateLimiter::new(Arc::clone(&self.link), self.keys.clone(), Arc::clone(&self.clock), quotas)
    }

    /// The throttle of logins, for all replicas together.
    pub fn login_throttle(&self) -> RedisLoginThrottle {
        RedisLoginThrottle::new(Arc::clone(&self.link), self.keys.clone(), Arc::clone(&self.clock))
    }

    /// Quotas of failures by network, for all replicas together.
    pub fn failure_limiter(&self) -> RedisFailureLimiter {
        RedisFailureLimiter::new(Arc::clone(&self.link), self.keys.clone(), Arc::clone(&self.clock))
    }

    /// News of all replicas.
    pub fn event_bus(&self) -> Arc<RedisEventBus> {
        Arc::clone(&self.events)
    }

    /// How Redis is doing.
    pub fn state(&self) -> RedisState {
        *self.link.state().borrow()
    }

    /// How Redis is doing, and what becomes of it.
    pub fn watch_state(&self) -> watch::Receiver<RedisState> {
        self.link.state().subscribe()
    }
}

impl Part for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn reach(&self) -> Reach {
        self.state().reach()
    }
}
