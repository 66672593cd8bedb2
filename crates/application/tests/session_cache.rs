//! What is remembered of sessions is never what they were before a commit.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{pin::pin, sync::Arc, time::Duration};

use futures::{FutureExt, poll};
use lectern_application::{
    Caller,
    accounts::Change,
    auth::{AuthenticateError, ChangePasswordInput, IssuedTokens, SessionRules},
    in_process::LocalSessionCache,
    ports::{Lookup, MAX_AGE, SessionCache, StoreError, Transactions},
};
use lectern_domain::{
    access::RoleName,
    account::{FirstName, Password, PasswordPolicy, Standing, User, UserParts},
    session::{EndReason, SessionId},
};
use lectern_testkit::{
    build::fresh_id,
    clock::START,
    world::{World, steps::PASSWORD},
};
use secrecy::ExposeSecret;

/// Ada's tokens and who they make her, with her session remembered.
async fn ada(world: &World) -> (IssuedTokens, Caller) {
    world.sign_up("ada").await;
    another(world).await
}

/// The same on another device.
async fn another(world: &World) -> (IssuedTokens, Caller) {
    let tokens = world.sign_in("ada").await;
    let caller = world.caller(&tokens).await;
    (tokens, caller)
}

async fn let_in(world: &World, tokens: &IssuedTokens) -> Result<(), AuthenticateError> {
    world.authenticate().execute(tokens.access_token.expose_secret()).await.map(|_| ())
}

async fn assert_revoked(world: &World, tokens: &IssuedTokens) {
    assert!(matches!(let_in(world, tokens).await, Err(AuthenticateError::Revoked)));
}

/// The account, changed by `change` through those units of work.
async fn change_account(through: &dyn Transactions, caller: &Caller, change: fn(&mut UserParts)) {
    let mut work = through.begin().await.unwrap();
    let mut parts = work.user(caller.principal.user).await.unwrap().unwrap().parts().clone();
    change(&mut parts);
    work.save_user(&User::from_parts(parts).unwrap()).await.unwrap();
    work.commit().await.unwrap();
}

fn block(parts: &mut UserParts) {
    parts.standing = Standing::Blocked { at: START };
}

/// Ends the session, up to the commit.
async fn revoke(world: &World, id: SessionId) -> impl Future<Output = Result<(), StoreError>> {
    let mut work = world.transactions().begin().await.unwrap();
    let session = work.session(id).await.unwrap().unwrap();
    let generation = session.generation();
    work.save_session(&session.end(EndReason::Revoked, START), generation).await.unwrap();
    work.commit()
}

#[tokio::test]
async fn a_known_session_asks_the_database_nothing() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    world.database.break_down();
    let_in(&world, &tokens).await.unwrap();
    let account = world.read_own_account().execute(&caller).await.unwrap();
    assert_eq!(account.user.id(), caller.principal.user);
}

#[tokio::test]
async fn a_session_is_over_when_its_user_signs_out() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    world.log_out().execute(&caller).await.unwrap();
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn a_session_is_over_when_it_is_ended_on_another_device() {
    let world = World::new();
    let (lost, at_lost) = ada(&world).await;
    let (_, caller) = another(&world).await;
    world.revoke_own_session().execute(&caller, at_lost.principal.session).await.unwrap();
    assert_revoked(&world, &lost).await;
}

#[tokio::test]
async fn all_others_are_over_at_once() {
    let world = World::new();
    let (first, _) = ada(&world).await;
    let (second, _) = another(&world).await;
    let (own, caller) = another(&world).await;
    world.revoke_other_sessions().execute(&caller).await.unwrap();
    assert_revoked(&world, &first).await;
    assert_revoked(&world, &second).await;
    let_in(&world, &own).await.unwrap();
}

#[tokio::test]
async fn a_session_is_over_when_it_made_room_for_another() {
    let world =
        World { session_rules: SessionRules { max_live: 1, ..SessionRules::default() }, ..World::new() };
    let (tokens, _) = ada(&world).await;
    world.sign_in("ada").await;
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn other_sessions_are_over_when_the_password_is_changed() {
    let world = World::new();
    let (other, _) = ada(&world).await;
    let (_, caller) = another(&world).await;
    let input = ChangePasswordInput {
        current: PASSWORD.into(),
        new: Password::new("another horse battery staple".to_owned()).unwrap(),
        policy: PasswordPolicy::V1,
    };
    world.change_password().execute(&caller, input).await.unwrap();
    assert_revoked(&world, &other).await;
}

#[tokio::test]
async fn a_session_is_over_when_the_account_is_deleted() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    world.delete_own_account().execute(&caller, PASSWORD.into()).await.unwrap();
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn a_session_is_over_when_the_account_is_blocked() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    change_account(&*world.transactions(), &caller, block).await;
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn another_role_counts_at_once() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    change_account(&*world.transactions(), &caller, |parts| parts.role = RoleName::READ_ONLY).await;
    assert_eq!(world.caller(&tokens).await.principal.role, RoleName::READ_ONLY);
}

#[tokio::test]
async fn a_new_name_is_shown_at_once() {
    let world = World::new();
    let (_, caller) = ada(&world).await;
    let name = FirstName::parse("Ada").unwrap();
    let to = Change::To(Some(name.clone()));
    world.rename_own_account().execute(&caller, to, Change::Keep).await.unwrap();
    let account = world.read_own_account().execute(&caller).await.unwrap();
    assert_eq!(account.user.parts().first_name, Some(name));
}

#[tokio::test]
async fn a_remembered_session_expires_all_the_same() {
    let world = World::new();
    let (tokens, _) = ada(&world).await;
    world.clock.advance(tokens.expires_in + Duration::from_secs(10));
    assert!(matches!(let_in(&world, &tokens).await, Err(AuthenticateError::Expired)));
}

#[tokio::test]
async fn a_session_that_was_purged_is_not_remembered() {
    let world = World::new();
    let (_, caller) = ada(&world).await;
    world.log_out().execute(&caller).await.unwrap();
    world.clock.advance(world.retention.sessions + Duration::from_secs(1));
    world.queries().session(caller.principal.session).await.unwrap().unwrap();
    world.purge().execute().await.unwrap();
    assert_eq!(world.queries().session(caller.principal.session).await.unwrap(), None);
}

#[tokio::test]
async fn what_others_wrote_is_seen_when_the_memory_is_too_old() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    change_account(&world.database, &caller, block).await;
    world.clock.advance(MAX_AGE);
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn a_read_from_before_a_commit_is_not_remembered_after_it() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    world.clock.advance(MAX_AGE);
    let hold = world.database.hold_next_session();
    let mut reading = pin!(let_in(&world, &tokens));
    assert!(poll!(&mut reading).is_pending(), "it has read, but has no answer yet");

    revoke(&world, caller.principal.session).await.await.unwrap();
    drop(hold);
    reading.await.unwrap();
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn a_read_during_a_commit_is_not_remembered_after_it() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    let committing = revoke(&world, caller.principal.session).await;
    let commit = world.database.hold_next_commit();
    let mut committing = pin!(committing);
    assert!(poll!(&mut committing).is_pending());
    let hold = world.database.hold_next_session();
    let mut reading = pin!(let_in(&world, &tokens));
    assert!(poll!(&mut reading).is_pending());

    drop(commit);
    committing.await.unwrap();
    drop(hold);
    // What was read was committed already; what counts is the next request.
    let _ = reading.await;
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn a_commit_that_was_abandoned_counts_at_once() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    let _hold = world.database.hold_next_commit();
    let committing = revoke(&world, caller.principal.session).await;
    assert!(committing.now_or_never().is_none(), "it is stored, but nobody hears of it");
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn after_a_failed_commit_the_database_is_asked() {
    let world = World::new();
    let (tokens, caller) = ada(&world).await;
    world.database.fail_next_commits(1);
    revoke(&world, caller.principal.session).await.await.unwrap_err();
    let_in(&world, &tokens).await.unwrap();
    change_account(&world.database, &caller, block).await;
    assert_revoked(&world, &tokens).await;
}

#[tokio::test]
async fn other_accounts_stay_remembered() {
    let world = World::new();
    let (tokens, _) = ada(&world).await;
    world.register_user("bob").await;
    world.database.break_down();
    let_in(&world, &tokens).await.unwrap();
}

#[tokio::test]
async fn only_so_many_sessions_are_remembered() {
    let world = World::new();
    let cache = LocalSessionCache::with_capacity(world.clock.clone(), 2);
    let ids = [0; 3].map(|_| SessionId(fresh_id()));
    for id in ids {
        let Lookup::Unknown(ticket) = cache.look_up(id).await else { panic!("{id:?} is known") };
        cache.keep(ticket, None).await;
    }
    let mut known = Vec::new();
    for id in ids {
        known.push(cache.look_up(id).await == Lookup::Known(None));
    }
    assert_eq!(known, [false, true, true], "the oldest goes first");
}

#[tokio::test]
async fn a_clock_that_is_set_back_makes_nothing_younger() {
    let world = World::new();
    let cache: Arc<LocalSessionCache> = world.session_cache.clone();
    let id = SessionId(fresh_id());
    let Lookup::Unknown(ticket) = cache.look_up(id).await else { panic!("it is known") };
    cache.keep(ticket, None).await;
    world.clock.set(START.minus(Duration::from_secs(1)));
    assert!(matches!(cache.look_up(id).await, Lookup::Unknown(_)));
}
