//! The contracts of the ports: with Redis, among replicas, and without Redis.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use futures::FutureExt;
use lectern_application::{
    ports::{LoadTicket, Lookup, SessionCache, SessionView, Touched},
    session_cache::{CachedQueries, CachedTransactions},
};
use lectern_domain::session::SessionId;
use lectern_redis_adapter::RedisSettings;
use lectern_testkit::{
    clock::FakeClock,
    contract::{
        events::EventBusFixture,
        failure_limiter::FailureLimiterFixture,
        rate_limiter::{RateLimiterFixture, quotas},
        session_cache::SessionCacheFixture,
        store::StoreFixture,
        throttle::LoginThrottleFixture,
    },
    event_bus_contract, failure_limiter_contract, login_throttle_contract,
    memory::MemoryDatabase,
    rate_limiter_contract, session_cache_contract, store_contract,
};

use crate::fixture::{Replica, nowhere, settings, two_replicas};

fn of(
    cache: Arc<dyn SessionCache>,
    clock: Arc<FakeClock>,
    keep: impl Send + Sync + 'static,
) -> SessionCacheFixture {
    let let_pass = Box::new(move |span| {
        clock.advance(span);
        std::future::ready(()).boxed()
    });
    SessionCacheFixture { cache, let_pass, keep: Box::new(keep) }
}

/// Whatever is asked is asked of another replica than the question before.
struct InTurn {
    replicas: [Arc<dyn SessionCache>; 2],
    asked: AtomicUsize,
}

impl InTurn {
    fn next(&self) -> &dyn SessionCache {
        &*self.replicas[self.asked.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

#[async_trait]
impl SessionCache for InTurn {
    async fn look_up(&self, id: SessionId) -> Lookup {
        self.next().look_up(id).await
    }

    async fn keep(&self, ticket: LoadTicket, loaded: Option<Arc<SessionView>>) {
        self.next().keep(ticket, loaded).await;
    }

    async fn before_commit(&self, touched: &Touched) {
        self.next().before_commit(touched).await;
    }

    async fn after_commit(&self, touched: &Touched) {
        self.next().after_commit(touched).await;
    }
}

mod shared_session_cache {
    use super::*;

    session_cache_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let replica = Replica::join(settings(), clock.clone()).await;
        of(replica.redis.shared_session_cache(), clock, replica)
    });
}

mod shared_session_cache_of_two_replicas {
    use super::*;

    session_cache_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let (one, other) = two_replicas(&clock).await;
        let replicas: [Arc<dyn SessionCache>; 2] =
            [one.redis.shared_session_cache(), other.redis.shared_session_cache()];
        of(Arc::new(InTurn { replicas, asked: AtomicUsize::new(0) }), clock, (one, other))
    });
}

async fn tiered(settings: RedisSettings, is_there: bool) -> SessionCacheFixture {
    let clock = Arc::new(FakeClock::default());
    let replica = if is_there {
        Replica::join(settings, clock.clone()).await
    } else {
        Replica::begin(settings, clock.clone()).await
    };
    of(Arc::new(replica.redis.session_cache()), clock, replica)
}

mod tiered_session_cache {
    use super::*;

    session_cache_contract!(tiered(settings(), true));
}

mod tiered_session_cache_without_redis {
    use super::*;

    session_cache_contract!(tiered(nowhere(), false));
}

mod memory_database_behind_the_tiered_cache {
    use super::*;

    store_contract!(async {
        let replica = Replica::join(settings(), Arc::new(FakeClock::default())).await;
        let database = Arc::new(MemoryDatabase::default());
        let cache = Arc::new(replica.redis.session_cache());
        StoreFixture {
            transactions: Arc::new(CachedTransactions {
                transactions: database.clone(),
                cache: cache.clone(),
            }),
            queries: Arc::new(CachedQueries { queries: database.clone(), cache }),
            log: database,
            keep: Box::new(replica),
        }
    });
}

mod rate_limiter {
    use super::*;

    rate_limiter_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let replica = Replica::join(settings(), clock.clone()).await;
        let limiter = Arc::new(replica.redis.rate_limiter(quotas()));
        RateLimiterFixture { limiter, clock, keep: Box::new(replica) }
    });
}

mod rate_limiter_without_redis {
    use super::*;

    rate_limiter_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let replica = Replica::begin(nowhere(), clock.clone()).await;
        let limiter = Arc::new(replica.redis.rate_limiter(quotas()));
        RateLimiterFixture { limiter, clock, keep: Box::new(replica) }
    });
}

mod failure_limiter {
    use super::*;

    failure_limiter_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let replica = Replica::join(settings(), clock.clone()).await;
        let limiter = Arc::new(replica.redis.failure_limiter());
        FailureLimiterFixture { limiter, clock, keep: Box::new(replica) }
    });
}

mod failure_limiter_without_redis {
    use super::*;

    failure_limiter_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let replica = Replica::begin(nowhere(), clock.clone()).await;
        let limiter = Arc::new(replica.redis.failure_limiter());
        FailureLimiterFixture { limiter, clock, keep: Box::new(replica) }
    });
}

mod login_throttle {
    use super::*;

    login_throttle_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let replica = Replica::join(settings(), clock.clone()).await;
        let throttle = Arc::new(replica.redis.login_throttle());
        LoginThrottleFixture { throttle, clock, keep: Box::new(replica) }
    });
}

mod login_throttle_without_redis {
    use super::*;

    login_throttle_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let replica = Replica::begin(nowhere(), clock.clone()).await;
        let throttle = Arc::new(replica.redis.login_throttle());
        LoginThrottleFixture { throttle, clock, keep: Box::new(replica) }
    });
}

mod event_bus {
    use super::*;

    event_bus_contract!(async {
        let replica = Replica::join(settings(), Arc::new(FakeClock::default())).await;
        EventBusFixture { bus: replica.redis.event_bus(), keep: Box::new(replica) }
    });
}

mod event_bus_without_redis {
    use super::*;

    event_bus_contract!(async {
        let replica = Replica::begin(nowhere(), Arc::new(FakeClock::default())).await;
        EventBusFixture { bus: replica.redis.event_bus(), keep: Box::new(replica) }
    });
}
