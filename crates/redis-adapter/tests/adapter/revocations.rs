//! What one replica commits, the others forget at once.
//!
//! Clocks stand still here, so that nothing is forgotten by its age.

use std::sync::Arc;

use lectern_application::ports::{SessionCache, Touched};
use lectern_testkit::clock::FakeClock;

use crate::fixture::{
    commit, eventually, is_known, load, session_touched, ticket, two_replicas, user_touched, view,
};

#[tokio::test]
async fn what_one_replica_commits_the_other_forgets() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (committing, remembering) = (one.redis.session_cache(), other.redis.session_cache());
    for touching in
        [session_touched, user_touched, |_: &_| Touched { everything: true, ..Touched::default() }]
    {
        let view = view();
        load(&remembering, &view).await;
        commit(&committing, &touching(&view)).await;
        eventually(async || !is_known(&remembering, &view).await).await;
    }
}

#[tokio::test]
async fn what_one_replica_is_about_to_commit_the_other_forgets_already() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (committing, remembering) = (one.redis.session_cache(), other.redis.session_cache());
    let view = view();
    load(&remembering, &view).await;
    committing.before_commit(&session_touched(&view)).await;
    eventually(async || !is_known(&remembering, &view).await).await;
}

#[tokio::test]
async fn what_was_not_touched_is_remembered_still() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (committing, remembering) = (one.redis.session_cache(), other.redis.session_cache());
    let (kept, touched) = (view(), view());
    load(&remembering, &kept).await;
    load(&remembering, &touched).await;
    commit(&committing, &session_touched(&touched)).await;
    eventually(async || !is_known(&remembering, &touched).await).await;
    assert!(is_known(&remembering, &kept).await);
}

#[tokio::test]
async fn after_a_commit_elsewhere_loads_are_remembered_again() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (committing, remembering) = (one.redis.session_cache(), other.redis.session_cache());
    let view = view();
    commit(&committing, &session_touched(&view)).await;
    eventually(async || {
        if !is_known(&remembering, &view).await {
            let ticket = ticket(&remembering, view.session.id()).await;
            remembering.keep(ticket, Some(view.clone())).await;
        }
        is_known(&remembering, &view).await
    })
    .await;
}
