//! Signing up, in and out, and refreshing, under fair weather and foul.

use std::time::Duration;

use lectern_application::{
    ErrorKind, UseCaseError,
    auth::{AuthenticateError, LoginError, RefreshError, RegisterError, SessionRules},
    ports::{Clock, HashError},
};
use lectern_domain::{
    account::{Password, Registration},
    audit::AuditKind,
    session::SessionId,
};
use lectern_testkit::{
    build::user,
    world::{
        World,
        steps::{PASSWORD, login_input, origin, register_input},
    },
};
use secrecy::ExposeSecret;

fn kinds(world: &World) -> Vec<AuditKind> {
    world.database.audit_log().into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_taken_name_is_refused_in_any_letter_case() {
    let world = World::new();
    world.sign_up("ada").await;
    let refused = world.register().execute(register_input("ADA"), &origin()).await.unwrap_err();
    assert!(matches!(refused, RegisterError::UsernameTaken));
    assert_eq!((refused.kind(), refused.field()), (ErrorKind::Conflict, Some("username")));
}

#[tokio::test]
async fn a_guessable_password_is_refused_before_it_is_hashed() {
    let world = World::new();
    let mut input = register_input("charlotte");
    input.password = Password::new("Charlotte".to_owned()).unwrap();
    let refused = world.register().execute(input, &origin()).await.unwrap_err();
    assert!(matches!(refused, RegisterError::Password(_)));
    assert_eq!(world.hasher.hashed(), 0);
}

#[tokio::test]
async fn closed_registration_makes_no_account() {
    let world = World { registration: Registration::Closed, ..World::new() };
    let refused = world.register().execute(register_input("ada"), &origin()).await.unwrap_err();
    assert!(matches!(refused, RegisterError::Closed));
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_err());
}

#[tokio::test]
async fn under_approval_a_new_account_can_sign_in_but_not_interact() {
    let world = World { registration: Registration::Approve, ..World::new() };
    let ada = world.register_user("ada").await;
    assert!(!ada.principal.can_interact);
    assert!(world.stage().permit(&ada, None).await.is_err());
}

#[tokio::test]
async fn a_login_works_in_any_letter_case() {
    let world = World::new();
    world.sign_up("Ada").await;
    assert!(world.log_in().execute(login_input("aDA", PASSWORD), &origin()).await.is_ok());
}

#[tokio::test]
async fn an_unknown_account_costs_the_same_work_as_a_wrong_password() {
    let world = World::new();
    world.sign_up("ada").await;
    for login in ["ada", "nobody", "nobody@example.org", "not even a login"] {
        let before = world.hasher.verified();
        let refused = world.log_in().execute(login_input(login, "wrong"), &origin()).await.unwrap_err();
        assert!(matches!(refused, LoginError::InvalidCredentials), "{login}");
        assert_eq!(world.hasher.verified() - before, 1, "{login}");
        assert_eq!(kinds(&world).last(), Some(&AuditKind::LoginFailed), "{login}");
    }
}

#[tokio::test]
async fn an_account_whose_hash_can_not_be_read_is_told_apart_from_none_by_nothing() {
    let world = World::new();
    let mut work = world.transactions().begin().await.unwrap();
    work.insert_user(user("eve").password_hash("torn").build()).await.unwrap();
    work.commit().await.unwrap();
    for login in ["eve", "nobody"] {
        let before = world.hasher.verified();
        let refused = world.log_in().execute(login_input(login, PASSWORD), &origin()).await.unwrap_err();
        assert!(matches!(refused, LoginError::InvalidCredentials), "{login}: {refused:?}");
        assert_eq!(world.hasher.verified() - before, 1, "{login}");
        assert_eq!(kinds(&world).last(), Some(&AuditKind::LoginFailed), "{login}");
    }
}

#[tokio::test]
async fn a_password_beyond_all_limits_is_just_wrong() {
    let world = World::new();
    world.sign_up("ada").await;
    let refused = world.log_in().execute(login_input("ada", &"x".repeat(100_000)), &origin()).await;
    assert!(matches!(refused, Err(LoginError::InvalidCredentials)));
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_the_next_login_and_only_then() {
    let world = World::new();
    world.sign_up("ada").await;
    world.hasher.outdate();
    world.sign_in("ada").await;
    assert_eq!(world.hasher.hashed(), 2);
    world.sign_in("ada").await;
    assert_eq!(world.hasher.hashed(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn first_logins_at_once_after_the_cost_was_raised_all_succeed() {
    let world = World::new();
    world.sign_up("ada").await;
    world.hasher.outdate();
    let logins = (0..8).map(|_| {
        let log_in = world.log_in();
        tokio::spawn(async move { log_in.execute(login_input("ada", PASSWORD), &origin()).await })
    });
    for login in logins.collect::<Vec<_>>() {
        assert!(login.await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_busy_hasher_is_said_to_be_busy() {
    let world = World::new();
    world.sign_up("ada").await;
    world.hasher.fill_up();
    let refused = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.unwrap_err();
    assert!(matches!(refused, LoginError::Hash(HashError::Busy)));
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn one_session_too_many_ends_the_least_recently_used() {
    let world =
        World { session_rules: SessionRules { max_live: 2, ..SessionRules::default() }, ..World::new() };
    world.sign_up("ada").await;
    let mut all = Vec::new();
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(1));
        all.push(world.sign_in("ada").await);
    }
    let [first, second, third] = all.as_slice() else { unreachable!() };
    let authenticate = world.authenticate();
    assert!(matches!(
        authenticate.execute(first.access_token.expose_secret()).await,
        Err(AuthenticateError::Revoked)
    ));
    assert!(authenticate.execute(second.access_token.expose_secret()).await.is_ok());
    assert!(authenticate.execute(third.access_token.expose_secret()).await.is_ok());
    assert!(kinds(&world).contains(&AuditKind::SessionDisplaced(first.session)));
}

#[tokio::test]
async fn a_failed_commit_opens_no_session() {
    let world = World::new();
    world.sign_up("ada").await;
    world.database.fail_next_commits(1);
    let refused = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.unwrap_err();
    assert!(matches!(refused, LoginError::Store(_)));
    assert!(!kinds(&world).iter().any(|kind| matches!(kind, AuditKind::LoggedIn(_))));
}

#[tokio::test]
async fn refreshing_twice_within_the_grace_interval_answers_the_same_refresh_token() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    let first = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.unwrap();
    world.clock.advance(Duration::from_secs(29));
    let second = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.unwrap();
    assert_eq!(first.refresh_token.expose_secret(), second.refresh_token.expose_secret());
    assert_ne!(first.refresh_token.expose_secret(), tokens.refresh_token.expose_secret());
}

#[tokio::test]
async fn a_reused_refresh_token_ends_its_session() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    let next = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.unwrap();
    world.clock.advance(Duration::from_secs(30));

    let reused = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert_eq!(reused.unwrap_err().code(), "refresh_reused");
    let owner = world.refresh().execute(next.refresh_token.expose_secret(), &origin()).await;
    assert_eq!(owner.unwrap_err().code(), "session_revoked");
    let access = world.authenticate().execute(next.access_token.expose_secret()).await;
    assert_eq!(access.unwrap_err().code(), "session_revoked");
    assert!(kinds(&world).contains(&AuditKind::RefreshReused(tokens.session)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_refreshes_at_once_get_one_successor() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    let tries = (0..100).map(|_| {
        let (refresh, token) = (world.refresh(), tokens.refresh_token.clone());
        tokio::spawn(async move { refresh.execute(token.expose_secret(), &origin()).await })
    });
    let mut successors = Vec::new();
    for refreshed in tries.collect::<Vec<_>>() {
        successors.push(refreshed.await.unwrap().unwrap().refresh_token.expose_secret().to_owned());
    }
    successors.dedup();
    assert_eq!(successors.len(), 1);
}

#[tokio::test]
async fn an_access_token_is_no_refresh_token_and_the_other_way_round() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    let refreshed = world.refresh().execute(tokens.access_token.expose_secret(), &origin()).await;
    assert!(matches!(refreshed, Err(RefreshError::AccessToken)));
    let let_in = world.authenticate().execute(tokens.refresh_token.expose_secret()).await;
    assert!(matches!(let_in, Err(AuthenticateError::RefreshToken)));
}

#[tokio::test]
async fn an_access_token_expires_with_ten_seconds_of_leeway() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    world.clock.advance(tokens.expires_in + Duration::from_secs(9));
    assert!(world.authenticate().execute(tokens.access_token.expose_secret()).await.is_ok());
    world.clock.advance(Duration::from_secs(2));
    let expired = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(expired, Err(AuthenticateError::Expired)));
}

#[tokio::test]
async fn a_session_that_is_never_refreshed_expires() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    world.clock.advance(tokens.refresh_expires_in + Duration::from_secs(11));
    let expired = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(expired, Err(RefreshError::Expired)));
}

#[tokio::test]
async fn a_session_that_is_always_refreshed_ends_after_ninety_days() {
    let days = |count: u64| Duration::from_hours(24 * count);
    let world = World::new();
    world.sign_up("ada").await;
    let mut tokens = world.sign_in("ada").await;
    for _ in 0..4 {
        world.clock.advance(days(20));
        tokens = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.unwrap();
    }
    assert_eq!(tokens.refresh_expires_in, days(10));
    world.clock.advance(days(10) + Duration::from_secs(10));
    let expired = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(expired, Err(RefreshError::Expired)));
}

#[tokio::test]
async fn a_password_does_not_get_too_old() {
    let world = World::new();
    world.sign_up("ada").await;
    world.clock.advance(Duration::from_hours(24 * 3650));
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_ok());
}

#[tokio::test]
async fn signing_out_ends_both_tokens_at_once() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    world.log_out().execute(&world.caller(&tokens).await).await.unwrap();
    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    let refreshed = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(refreshed, Err(RefreshError::Revoked)));
}

#[tokio::test]
async fn tokens_of_another_issuer_are_refused() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    let mut authenticate = world.authenticate();
    "https://elsewhere.example".clone_into(&mut authenticate.issuer);
    let let_in = authenticate.execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(let_in, Err(AuthenticateError::Invalid)));
}

#[tokio::test]
async fn a_lost_database_is_unavailable_and_nobody_is_let_in() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    world.database.break_down();
    let let_in = world.authenticate().execute(tokens.access_token.expose_secret()).await.unwrap_err();
    assert_eq!(let_in.kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn an_ended_session_is_purged_when_it_is_old_enough() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.log_out().execute(&ada).await.unwrap();
    world.clock.advance(world.retention.sessions);
    assert_eq!(world.purge().execute().await.unwrap().sessions, 0, "not before its time");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.purge().execute().await.unwrap().sessions, 1);
    let id: SessionId = ada.principal.session;
    assert_eq!(world.queries().session(id).await.unwrap(), None);
    assert!(world.clock.now() > lectern_testkit::clock::START);
}
