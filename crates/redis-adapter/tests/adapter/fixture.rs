//! Replicas on a server.

use std::{
    collections::BTreeSet,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{Arc, LazyLock, atomic::AtomicU64, atomic::Ordering},
    time::Duration,
};

use lectern_application::ports::{
    AccountSnapshot, Clock, Ids, LoadTicket, Lookup, SessionCache, SessionView, Touched,
};
use lectern_domain::{access::Role, account::UserNumber, session::SessionId};
use lectern_redis_adapter::{Redis, RedisPatience, RedisSettings, RedisState};
use lectern_testkit::{
    build::{fresh_id, session, user},
    clock::FakeClock,
};
use secrecy::SecretString;
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

/// The longest that anything may take. Only what hangs is ever that slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server's URL.
pub(crate) fn url() -> SecretString {
    #[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
    let url = std::env::var("LECTERN_TEST_REDIS_URL");
    url.expect(
        "set LECTERN_TEST_REDIS_URL, or run it by `cargo xtask services -- cargo test …`, which starts a server",
    )
    .into()
}

/// The server, under a prefix that nobody else uses.
pub(crate) fn settings() -> RedisSettings {
    settings_of(&url())
}

/// A server, under a prefix that nobody else uses, with more patience than a busy machine needs.
pub(crate) fn settings_of(url: &SecretString) -> RedisSettings {
    let patience = RedisPatience { response: PATIENCE, connect: PATIENCE, pause: Duration::from_millis(20) };
    RedisSettings::parse(url).unwrap().with_prefix(fresh_prefix()).with_patience(patience)
}

pub(crate) fn fresh_prefix() -> String {
    static RUN: LazyLock<u64> = LazyLock::new(|| RandomState::new().build_hasher().finish());
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("test:{:x}:{}:", *RUN, COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Nobody listens there.
pub(crate) fn nowhere() -> RedisSettings {
    settings_of(&"redis://127.0.0.1:1".to_owned().into())
}

struct FreshIds;

impl Ids for FreshIds {
    fn next(&self) -> Uuid {
        fresh_id()
    }
}

/// A replica, and what keeps its connections until it is dropped.
pub(crate) struct Replica {
    pub(crate) redis: Arc<Redis>,
    _stop: DropGuard,
}

impl Replica {
    /// One that has begun, whether or not Redis is in reach.
    pub(crate) async fn begin(settings: RedisSettings, clock: Arc<FakeClock>) -> Self {
        let clock: Arc<dyn Clock> = clock;
        let redis = Arc::new(Redis::connect(settings, clock, &FreshIds).await.unwrap());
        let shutdown = CancellationToken::new();
        tokio::spawn({
            let (redis, shutdown) = (Arc::clone(&redis), shutdown.clone());
            async move { redis.run(shutdown).await }
        });
        Self { redis, _stop: shutdown.drop_guard() }
    }

    /// One that asks Redis, and hears nothing from it.
    pub(crate) async fn deaf(settings: RedisSettings, clock: Arc<FakeClock>) -> Redis {
        Redis::connect(settings, clock, &FreshIds).await.unwrap()
    }

    /// One that everything is in reach of.
    pub(crate) async fn join(settings: RedisSettings, clock: Arc<FakeClock>) -> Self {
        let replica = Self::begin(settings, clock).await;
        replica.until(RedisState::is_in_reach).await;
        replica
    }

    /// Waits until Redis is doing so.
    pub(crate) async fn until(&self, is_so: fn(RedisState) -> bool) {
        let mut state = self.redis.watch_state();
        without_hanging(state.wait_for(|state| is_so(*state))).await.unwrap();
    }
}

/// Two replicas of one service.
pub(crate) async fn two_replicas(clock: &Arc<FakeClock>) -> (Replica, Replica) {
    let settings = settings();
    (Replica::join(settings.clone(), clock.clone()).await, Replica::join(settings, clock.clone()).await)
}

pub(crate) async fn without_hanging<F: Future>(promised: F) -> F::Output {
    tokio::time::timeout(PATIENCE, promised).await.unwrap()
}

/// Waits until something is so.
pub(crate) async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    without_hanging(async {
        while !is_so().await {
            looks.tick().await;
        }
    })
    .await;
}

/// A session of some account.
pub(crate) fn view() -> Arc<SessionView> {
    let user = user("ada").email("ada@example.org").build().numbered(UserNumber(1)).unwrap();
    let account = AccountSnapshot { role: Role::built_in(&user.parts().role).unwrap(), user: user.into() };
    let session = session(account.user.id()).build();
    Arc::new(SessionView { session, account: Arc::new(account) })
}

pub(crate) async fn ticket(cache: &dyn SessionCache, id: SessionId) -> LoadTicket {
    match cache.look_up(id).await {
        Lookup::Unknown(ticket) => Some(ticket),
        Lookup::Known(_) => None,
    }
    .unwrap()
}

pub(crate) async fn load(cache: &dyn SessionCache, view: &Arc<SessionView>) {
    let ticket = ticket(cache, view.session.id()).await;
    cache.keep(ticket, Some(Arc::clone(view))).await;
}

pub(crate) async fn is_known(cache: &dyn SessionCache, view: &SessionView) -> bool {
    matches!(cache.look_up(view.session.id()).await, Lookup::Known(_))
}

/// A commit that touches the session.
pub(crate) fn session_touched(view: &SessionView) -> Touched {
    Touched { sessions: BTreeSet::from([view.session.id()]), ..Touched::default() }
}

/// A commit that touches its account.
pub(crate) fn user_touched(view: &SessionView) -> Touched {
    Touched { users: BTreeSet::from([view.account.user.id()]), ..Touched::default() }
}

pub(crate) async fn commit(cache: &dyn SessionCache, touched: &Touched) {
    cache.before_commit(touched).await;
    cache.after_commit(touched).await;
}
