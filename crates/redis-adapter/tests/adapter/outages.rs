//! Redis is gone, slow, empty or full, and back again.

use std::{net::IpAddr, sync::Arc, time::Duration};

use futures::FutureExt;
use lectern_application::ports::{
    EventBus, FailureLimiter, LimitClass, LoginThrottle, Lookup, MAX_AGE, RateLimiter, SessionCache,
};
use lectern_domain::{
    throttling::{AccountKey, FailureCount, FailureQuota, Guess, GuessOutcome, Network},
    transcription::TranscriptionId,
};
use lectern_redis_adapter::{RedisPatience, RedisState};
use lectern_testkit::{build::fresh_id, clock::FakeClock, contract::rate_limiter::quotas};

use crate::{
    fixture::{
        Replica, commit, eventually, is_known, load, session_touched, settings_of, ticket, user_touched,
        view, without_hanging,
    },
    private_server::PrivateServer,
};

fn network(host: u8) -> Network {
    Network::of(Some(IpAddr::from([203, 0, 113, host])))
}

fn is_out_of_reach(state: RedisState) -> bool {
    !state.commands.is_in_reach()
}

/// A replica that waits for an answer no longer than that.
async fn impatient(server: &PrivateServer, clock: &Arc<FakeClock>) -> Replica {
    let patience = RedisPatience {
        response: Duration::from_millis(100),
        connect: Duration::from_millis(500),
        pause: Duration::from_millis(20),
    };
    Replica::join(settings_of(&server.url()).with_patience(patience), clock.clone()).await
}

#[tokio::test]
async fn a_replica_begins_without_redis_and_uses_it_when_it_is_there() {
    let mut server = PrivateServer::absent();
    let replica = Replica::begin(settings_of(&server.url()), Arc::new(FakeClock::default())).await;
    assert!(!replica.redis.state().is_in_reach());
    server.start().await;
    replica.until(RedisState::is_in_reach).await;
    load(&*replica.redis.shared_session_cache(), &view()).await;
}

#[tokio::test]
async fn a_redis_that_dies_and_comes_back_is_used_again() {
    let mut server = PrivateServer::running().await;
    let replica = Replica::join(settings_of(&server.url()), Arc::new(FakeClock::default())).await;
    server.kill();
    let limiter = replica.redis.rate_limiter(quotas());
    for _ in 0..3 {
        assert_eq!(limiter.take(LimitClass::LogIn, network(1)).await.retry_after, None);
    }
    assert!(limiter.take(LimitClass::LogIn, network(1)).await.retry_after.is_some(), "it counts by itself");
    server.start().await;
    replica.until(RedisState::is_in_reach).await;
    let verdict = limiter.take(LimitClass::LogIn, network(1)).await;
    assert_eq!(verdict.remaining, 2, "Redis counts, and has forgotten everything");
}

#[tokio::test]
async fn a_loss_is_noticed_without_anybody_asking() {
    let mut server = PrivateServer::running().await;
    let replica = Replica::join(settings_of(&server.url()), Arc::new(FakeClock::default())).await;
    server.kill();
    replica.until(is_out_of_reach).await;
    replica.until(|state| !state.subscription.is_in_reach()).await;
}

#[tokio::test]
async fn a_redis_that_does_not_answer_keeps_nobody_waiting_but_the_first() {
    let server = PrivateServer::running().await;
    let clock = Arc::new(FakeClock::default());
    let replica = impatient(&server, &clock).await;
    let (limiter, throttle) = (replica.redis.rate_limiter(quotas()), replica.redis.login_throttle());
    let (cache, view) = (replica.redis.session_cache(), view());
    server.freeze();
    limiter.take(LimitClass::LogIn, network(1)).await;
    assert!(is_out_of_reach(replica.redis.state()));

    let guess = Guess { network: network(1), account: AccountKey::of_login("ada") };
    assert!(limiter.take(LimitClass::LogIn, network(1)).now_or_never().is_some());
    assert!(throttle.admit(guess, FailureCount::FREE).now_or_never().is_some());
    assert!(throttle.settle(guess, GuessOutcome::Wrong).now_or_never().is_some());
    assert!(throttle.forgive(&[guess.account]).now_or_never().is_some());
    assert!(cache.look_up(view.session.id()).now_or_never().is_some());
    assert!(commit(&cache, &session_touched(&view)).now_or_never().is_some());
    replica.until(|state| !state.subscription.is_in_reach()).await;

    server.thaw();
    replica.until(RedisState::is_in_reach).await;
    assert_eq!(limiter.take(LimitClass::LogIn, network(2)).await.remaining, 2);
}

#[tokio::test]
async fn a_network_that_was_refused_without_redis_is_not_let_in_anew_for_each_outage() {
    let server = PrivateServer::running().await;
    let clock = Arc::new(FakeClock::default());
    let replica = impatient(&server, &clock).await;
    let limiter = replica.redis.rate_limiter(quotas());
    for outage in 0..2 {
        server.freeze();
        replica.until(is_out_of_reach).await;
        for _ in 0..3 {
            let is_refused = limiter.take(LimitClass::LogIn, network(1)).await.retry_after.is_some();
            assert_eq!(is_refused, outage > 0);
        }
        server.thaw();
        replica.until(RedisState::is_in_reach).await;
    }
}

/// The server refuses the touch and keeps what it holds, as one does that has no memory left.
#[tokio::test]
async fn a_session_that_ends_while_redis_is_full_is_over_here_at_once() {
    let server = PrivateServer::running().await;
    let clock = Arc::new(FakeClock::default());
    let replica = Replica::join(settings_of(&server.url()), clock.clone()).await;
    let (cache, shared) = (replica.redis.session_cache(), replica.redis.shared_session_cache());
    for touching in [session_touched, user_touched] {
        let view = view();
        load(&cache, &view).await;
        server.ask::<()>(&["CONFIG", "SET", "maxmemory", "1"]).await;
        commit(&cache, &touching(&view)).await;
        server.ask::<()>(&["CONFIG", "SET", "maxmemory", "0"]).await;
        replica.until(RedisState::is_in_reach).await;
        assert!(!is_known(&cache, &view).await);
        assert!(!is_known(&*shared, &view).await);
        clock.advance(MAX_AGE);
        assert!(!is_known(&cache, &view).await);
        load(&*shared, &view).await;
        assert!(is_known(&*shared, &view).await, "it is used again");
    }
}

#[tokio::test]
async fn what_was_loaded_before_redis_lost_everything_is_refused_after_it() {
    let server = PrivateServer::running().await;
    let replica = Replica::join(settings_of(&server.url()), Arc::new(FakeClock::default())).await;
    let (cache, stale_view, other) = (replica.redis.shared_session_cache(), view(), view());
    commit(&*cache, &user_touched(&stale_view)).await;
    let stale = ticket(&*cache, stale_view.session.id()).await;
    server.ask::<()>(&["FLUSHALL"]).await;
    cache.keep(stale, Some(stale_view.clone())).await;
    assert!(!is_known(&*cache, &stale_view).await);
    commit(&*cache, &user_touched(&stale_view)).await;
    // More commits than there were before: a count that had begun anew would have come as far as the ticket's.
    for _ in 0..20 {
        commit(&*cache, &user_touched(&other)).await;
    }
    cache.keep(stale, Some(stale_view.clone())).await;
    assert!(!is_known(&*cache, &stale_view).await);
}

/// As when another server has taken over, whose time is behind.
#[tokio::test]
async fn a_ticket_of_a_moment_that_has_not_come_yet_is_refused() {
    let server = PrivateServer::running().await;
    let settings = settings_of(&server.url()).with_prefix("p:");
    let replica = Replica::join(settings, Arc::new(FakeClock::default())).await;
    let (cache, view) = (replica.redis.shared_session_cache(), view());
    let stale = ticket(&*cache, view.session.id()).await;
    server.ask::<()>(&["SET", "p:moment", "5"]).await;
    commit(&*cache, &user_touched(&view)).await;
    cache.keep(stale, Some(view.clone())).await;
    assert!(!is_known(&*cache, &view).await);
}

#[tokio::test]
async fn scripts_that_redis_has_forgotten_are_told_again() {
    let server = PrivateServer::running().await;
    let replica = Replica::join(settings_of(&server.url()), Arc::new(FakeClock::default())).await;
    server.ask::<()>(&["SCRIPT", "FLUSH"]).await;
    let (cache, view) = (replica.redis.shared_session_cache(), view());
    load(&*cache, &view).await;
    assert!(is_known(&*cache, &view).await);
}

#[tokio::test]
async fn what_cannot_be_read_is_not_known_and_is_replaced() {
    let server = PrivateServer::running().await;
    let prefix = crate::fixture::fresh_prefix();
    let settings = settings_of(&server.url()).with_prefix(&prefix);
    let replica = Replica::join(settings, Arc::new(FakeClock::default())).await;
    let (cache, view) = (replica.redis.shared_session_cache(), view());
    let key = format!("{prefix}session:{}", view.session.id().0);
    for garbage in ["", "{", r#"{"version":2,"loaded_at":0,"view":null}"#, r#"{"version":1}"#] {
        load(&*cache, &view).await;
        server.ask::<()>(&["HSET", &key, "v", garbage]).await;
        assert!(!is_known(&*cache, &view).await, "{garbage}");
    }
    load(&*cache, &view).await;
    assert_eq!(cache.look_up(view.session.id()).await, Lookup::Known(Some(view)));
}

#[tokio::test]
async fn who_hears_nothing_for_a_while_forgets_everything_and_looks_for_itself() {
    let server = PrivateServer::running().await;
    let replica = Replica::join(settings_of(&server.url()), Arc::new(FakeClock::default())).await;
    let (cache, view) = (replica.redis.session_cache(), view());
    load(&cache, &view).await;
    let bus = replica.redis.event_bus();
    let (mut watch, mut jobs) = (bus.watch(TranscriptionId(fresh_id())), bus.watch_jobs());
    server.ask::<()>(&["FLUSHALL"]).await;
    assert!(is_known(&cache, &view).await, "it is in memory");
    server.ask::<()>(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
    eventually(async || !is_known(&cache, &view).await).await;
    without_hanging(watch.changed()).await;
    without_hanging(jobs.changed()).await;
}

#[tokio::test]
async fn every_key_has_the_prefix_and_expires() {
    let server = PrivateServer::running().await;
    let settings = settings_of(&server.url()).with_prefix("of:ours:");
    let replica = Replica::join(settings, Arc::new(FakeClock::default())).await;
    let view = view();
    commit(&replica.redis.session_cache(), &session_touched(&view)).await;
    commit(&replica.redis.session_cache(), &user_touched(&view)).await;
    load(&replica.redis.session_cache(), &view).await;
    replica.redis.rate_limiter(quotas()).take(LimitClass::Upload, network(1)).await;
    let guess = Guess { network: network(1), account: AccountKey::of_login("ada") };
    replica.redis.login_throttle().admit(guess, FailureCount::FREE).await.unwrap();
    replica.redis.login_throttle().forgive(&[guess.account]).await;
    replica.redis.failure_limiter().admit(network(1), FailureQuota::KATKRU).await.unwrap();
    let keys: Vec<String> = server.ask(&["KEYS", "*"]).await;
    assert!(keys.len() >= 8, "{keys:?}");
    for key in keys {
        let lifetime: i64 = server.ask(&["TTL", &key]).await;
        assert!(key.starts_with("of:ours:") && lifetime >= 0, "{key}: {lifetime}");
    }
}

/// What an attacker who reads the server, or a snapshot of it, must not find.
#[tokio::test]
async fn no_password_hash_is_in_redis() {
    let server = PrivateServer::running().await;
    let settings = settings_of(&server.url()).with_prefix("p:");
    let replica = Replica::join(settings, Arc::new(FakeClock::default())).await;
    let view = view();
    load(&replica.redis.session_cache(), &view).await;
    let entry: String = server.ask(&["HGET", &format!("p:session:{}", view.session.id().0), "v"]).await;
    assert!(entry.contains("ada@example.org") && !entry.contains("hash"), "{entry}");
}
