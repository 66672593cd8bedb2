//! What replicas remember of sessions, together and each.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::join_all};
use lectern_application::ports::{Lookup, MAX_AGE, SessionCache, SessionView, Touched};
use lectern_domain::session::{Generation, Session, SessionParts};
use lectern_testkit::clock::FakeClock;

use crate::{
    fixture::{
        Replica, commit, is_known, load, session_touched, settings, settings_of, ticket, two_replicas,
        user_touched, view, without_hanging,
    },
    private_server::PrivateServer,
};

#[tokio::test]
async fn what_is_in_memory_costs_no_round_trip() {
    let replica = Replica::join(settings(), Arc::new(FakeClock::default())).await;
    let (cache, view) = (replica.redis.session_cache(), view());
    load(&cache, &view).await;
    assert_eq!(cache.look_up(view.session.id()).now_or_never(), Some(Lookup::Known(Some(view))));
}

#[tokio::test]
async fn what_one_replica_has_loaded_the_other_knows() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let view = view();
    load(&one.redis.session_cache(), &view).await;
    let known = other.redis.session_cache().look_up(view.session.id()).await;
    assert_eq!(known, Lookup::Known(Some(view)));
}

#[tokio::test]
async fn that_there_is_no_session_is_known_to_the_other_replica_too() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (cache, id) = (one.redis.session_cache(), view().session.id());
    cache.keep(ticket(&cache, id).await, None).await;
    assert_eq!(other.redis.session_cache().look_up(id).await, Lookup::Known(None));
}

#[tokio::test]
async fn what_is_taken_from_the_other_replica_is_as_old_as_it_was_there() {
    let clock = Arc::new(FakeClock::default());
    let (one, other) = two_replicas(&clock).await;
    let (cache, view) = (other.redis.session_cache(), view());
    load(&one.redis.session_cache(), &view).await;
    clock.advance(MAX_AGE.saturating_sub(Duration::from_micros(1)));
    assert!(is_known(&cache, &view).await);
    clock.advance(Duration::from_micros(1));
    assert!(!is_known(&cache, &view).await);
}

/// Its own clock says that it is younger, but the server knows how long it has been there.
#[tokio::test]
async fn a_replica_whose_clock_is_behind_remembers_nothing_for_longer() {
    let server = PrivateServer::running().await;
    let (clock, behind) = (Arc::new(FakeClock::default()), Arc::new(FakeClock::default()));
    let settings = settings_of(&server.url()).with_prefix("p:");
    let one = Replica::join(settings.clone(), clock).await;
    let other = Replica::join(settings, behind.clone()).await;
    let (cache, view) = (other.redis.session_cache(), view());
    load(&one.redis.session_cache(), &view).await;
    // As if half of its life had passed, of which the clock shows nothing.
    let (key, half) = (format!("p:session:{}", view.session.id().0), (MAX_AGE / 2).as_millis().to_string());
    server.ask::<()>(&["PEXPIRE", &key, &half]).await;
    assert!(is_known(&cache, &view).await);
    // The other half passes, at the server too.
    server.ask::<()>(&["DEL", &key]).await;
    assert!(is_known(&cache, &view).await);
    behind.advance(MAX_AGE / 2);
    assert!(!is_known(&cache, &view).await);
}

/// Whoever's clock shows a time before that of loading doesn't know how old it is.
#[tokio::test]
async fn what_is_of_the_future_is_not_known() {
    let (clock, behind) = (Arc::new(FakeClock::default()), Arc::new(FakeClock::default()));
    clock.advance(Duration::from_secs(1));
    let settings = settings();
    let one = Replica::join(settings.clone(), clock).await;
    let other = Replica::join(settings, behind).await;
    let view = view();
    load(&one.redis.session_cache(), &view).await;
    assert!(!is_known(&other.redis.session_cache(), &view).await);
}

#[tokio::test]
async fn what_is_loaded_while_another_replica_commits_is_not_kept_here_either() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (cache, committing, view) = (one.redis.session_cache(), other.redis.session_cache(), view());
    let ticket = ticket(&cache, view.session.id()).await;
    committing.before_commit(&user_touched(&view)).await;
    committing.after_commit(&user_touched(&view)).await;
    cache.keep(ticket, Some(view.clone())).await;
    assert!(!is_known(&cache, &view).await);
}

#[tokio::test]
async fn what_redis_refuses_is_not_remembered_in_memory_either() {
    let (clock, settings) = (Arc::new(FakeClock::default()), settings());
    let deaf = Replica::deaf(settings.clone(), clock.clone()).await;
    let other = Replica::join(settings, clock).await;
    let (cache, view) = (deaf.session_cache(), view());
    let ticket = ticket(&cache, view.session.id()).await;
    commit(&other.redis.session_cache(), &session_touched(&view)).await;
    cache.keep(ticket, Some(view.clone())).await;
    assert!(!is_known(&cache, &view).await);
}

#[tokio::test]
async fn many_may_be_touched_at_once() {
    let replica = Replica::join(settings(), Arc::new(FakeClock::default())).await;
    let (cache, views) = (replica.redis.shared_session_cache(), (0..500).map(|_| view()).collect::<Vec<_>>());
    for view in &views {
        load(&*cache, view).await;
    }
    let touched = Touched {
        sessions: views.iter().map(|view| view.session.id()).collect(),
        users: views.iter().map(|view| view.account.user.id()).collect(),
        everything: false,
    };
    commit(&*cache, &touched).await;
    for view in &views {
        assert!(!is_known(&*cache, view).await);
    }
}

/// The session after so many changes.
fn changed(view: &SessionView, times: u32) -> Arc<SessionView> {
    let parts = SessionParts { generation: Generation(times), ..view.session.parts().clone() };
    Arc::new(SessionView { session: Session::from_parts(parts), account: Arc::clone(&view.account) })
}

/// Two replicas, three readers and a writer at each, and a database that counts changes.
#[tokio::test(flavor = "multi_thread")]
async fn no_replica_answers_what_was_before_a_commit_that_had_ended() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let view = view();
    let (stored, ended) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut tasks = Vec::new();
    for replica in [&one, &other] {
        let cache = replica.redis.shared_session_cache();
        for _ in 0..3 {
            let (cache, view) = (cache.clone(), view.clone());
            let (stored, ended) = (stored.clone(), ended.clone());
            tasks.push(tokio::spawn(async move {
                for _ in 0..200 {
                    let at_least = ended.load(Ordering::SeqCst);
                    match cache.look_up(view.session.id()).await {
                        Lookup::Known(Some(known)) => {
                            let seen = known.session.generation().0;
                            assert!(seen >= at_least, "{seen} was answered after {at_least}");
                        }
                        Lookup::Known(None) => unreachable!("it is always there"),
                        Lookup::Unknown(ticket) => {
                            let loaded = changed(&view, stored.load(Ordering::SeqCst));
                            tokio::task::yield_now().await;
                            cache.keep(ticket, Some(loaded)).await;
                        }
                    }
                }
            }));
        }
        let (cache, view) = (cache.clone(), view.clone());
        let (stored, ended) = (stored.clone(), ended.clone());
        let by_user = Arc::ptr_eq(&replica.redis, &one.redis);
        tasks.push(tokio::spawn(async move {
            let touched = if by_user { user_touched(&view) } else { session_touched(&view) };
            for _ in 0..50 {
                cache.before_commit(&touched).await;
                let change = stored.fetch_add(1, Ordering::SeqCst) + 1;
                cache.after_commit(&touched).await;
                ended.fetch_max(change, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        }));
    }
    for task in without_hanging(join_all(tasks)).await {
        task.unwrap();
    }
}
