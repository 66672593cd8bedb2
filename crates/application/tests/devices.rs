//! The devices that an account is signed in on, and what changing its password does to them.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use lectern_application::{
    UseCaseError,
    auth::{AuthenticateError, ChangePasswordInput, RefreshError},
    sessions::RevokeOwnSessionError,
};
use lectern_domain::{
    account::{Password, PasswordPolicy},
    audit::AuditKind,
    session::Session,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};
use secrecy::ExposeSecret;

fn kinds(world: &World) -> Vec<AuditKind> {
    world.database.audit_log().into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn devices_are_listed_the_most_recently_used_first() {
    let world = World::new();
    world.sign_up("ada").await;
    let first = world.sign_in("ada").await;
    world.clock.advance(Duration::from_mins(1));
    let second = world.sign_in("ada").await;
    let caller = world.caller(&second).await;
    let ids = async || {
        let sessions = world.list_own_sessions().execute(&caller).await.unwrap();
        sessions.iter().map(Session::id).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [second.session, first.session]);
    world.clock.advance(Duration::from_mins(2));
    world.caller(&first).await;
    assert_eq!(ids().await, [first.session, second.session], "a request is a use");
}

#[tokio::test]
async fn a_session_that_is_ended_from_elsewhere_lets_nobody_in() {
    let world = World::new();
    world.sign_up("ada").await;
    let lost = world.sign_in("ada").await;
    let kept = world.caller(&world.sign_in("ada").await).await;
    world.revoke_own_session().execute(&kept, lost.session).await.unwrap();
    let access = world.authenticate().execute(lost.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    let refreshed = world.refresh().execute(lost.refresh_token.expose_secret(), &origin()).await;
    assert!(matches!(refreshed, Err(RefreshError::Revoked)));
    assert_eq!(kinds(&world).last(), Some(&AuditKind::SessionRevoked(lost.session)));
    let again = world.revoke_own_session().execute(&kept, lost.session).await;
    assert!(matches!(again, Err(RevokeOwnSessionError::NotFound)), "it is over already");
}

#[tokio::test]
async fn anothers_session_is_not_found() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let eve = world.register_user("eve").await;
    let refused = world.revoke_own_session().execute(&eve, ada.principal.session).await;
    assert!(matches!(refused, Err(RevokeOwnSessionError::NotFound)));
    assert_eq!(world.list_own_sessions().execute(&ada).await.unwrap().len(), 1);
}

#[tokio::test]
async fn signing_out_everywhere_else_keeps_this_device() {
    let world = World::new();
    world.sign_up("ada").await;
    let others = [world.sign_in("ada").await, world.sign_in("ada").await];
    let own = world.sign_in("ada").await;
    let bystander = world.register_user("eve").await;
    world.revoke_other_sessions().execute(&world.caller(&own).await).await.unwrap();
    for other in others {
        let access = world.authenticate().execute(other.access_token.expose_secret()).await;
        assert!(matches!(access, Err(AuthenticateError::Revoked)));
    }
    assert!(world.authenticate().execute(own.access_token.expose_secret()).await.is_ok());
    assert_eq!(world.list_own_sessions().execute(&bystander).await.unwrap().len(), 1);
}

fn change(current: &str, new: &str) -> ChangePasswordInput {
    let new = Password::new(new.to_owned()).unwrap();
    ChangePasswordInput { current: current.into(), new, policy: PasswordPolicy::V1 }
}

#[tokio::test]
async fn a_changed_password_signs_all_other_devices_out() {
    let world = World::new();
    world.sign_up("ada").await;
    let other = world.sign_in("ada").await;
    let own = world.sign_in("ada").await;
    let caller = world.caller(&own).await;
    world.change_password().execute(&caller, change(PASSWORD, "another long password")).await.unwrap();

    let access = world.authenticate().execute(other.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
    assert!(world.authenticate().execute(own.access_token.expose_secret()).await.is_ok());
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_err());
    assert!(world.log_in().execute(login_input("ada", "another long password"), &origin()).await.is_ok());
    assert!(kinds(&world).contains(&AuditKind::PasswordChanged));
}

#[tokio::test]
async fn a_wrong_or_a_weak_password_changes_nothing() {
    let world = World::new();
    world.sign_up("ada").await;
    let other = world.sign_in("ada").await;
    let caller = world.caller(&world.sign_in("ada").await).await;
    let cases = [
        ("wrong", "another long password", "wrong_password"),
        (PASSWORD, "password1", "validation_failed"),
        (PASSWORD, "short", "validation_failed"),
    ];
    for (current, new, code) in cases {
        let refused = world.change_password().execute(&caller, change(current, new)).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    let beyond = world.change_password().execute(&caller, change(&"x".repeat(5000), "another one")).await;
    assert_eq!(beyond.unwrap_err().code(), "wrong_password");
    assert!(world.authenticate().execute(other.access_token.expose_secret()).await.is_ok());
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_refresh_that_races_a_password_change_survives_it() {
    for _ in 0..20 {
        let world = World::new();
        world.sign_up("ada").await;
        let other = world.sign_in("ada").await;
        let caller = world.caller(&world.sign_in("ada").await).await;
        let refreshed = tokio::spawn({
            let (refresh, token) = (world.refresh(), other.refresh_token.clone());
            async move { refresh.execute(token.expose_secret(), &origin()).await }
        });
        let input = change(PASSWORD, "another long password");
        world.change_password().execute(&caller, input).await.unwrap();
        if let Ok(tokens) = refreshed.await.unwrap() {
            let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
            assert!(matches!(access, Err(AuthenticateError::Revoked)));
            let again = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await;
            assert!(matches!(again, Err(RefreshError::Revoked)));
        }
    }
}
