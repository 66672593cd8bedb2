//! Changing a password by login and old password: a door for holders, and no window for strangers.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lectern_application::{
    UseCaseError,
    auth::{AuthenticateError, ChangePasswordByLoginInput},
};
use lectern_domain::{
    account::{Password, PasswordPolicy},
    audit::AuditKind,
    surface::Surface,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};
use secrecy::ExposeSecret;

const NEW: &str = "Another0ne";

fn input(login: &str, old: &str, new: &str) -> ChangePasswordByLoginInput {
    ChangePasswordByLoginInput {
        login: login.to_owned(),
        old: old.into(),
        new: Password::new(new.to_owned()).unwrap(),
        policy: Surface::FastapiAuth.password_policy(),
    }
}

async fn change(world: &World, login: &str, old: &str, new: &str) -> Result<(), &'static str> {
    let changed = world.change_password_by_login().execute(input(login, old, new), &origin()).await;
    changed.map_err(|error| error.code())
}

#[tokio::test]
async fn the_new_password_is_good_and_the_old_one_is_not() {
    let world = World::new();
    world.sign_up_with_email("ada", "ada@example.org").await;
    change(&world, "ADA@example.org", PASSWORD, NEW).await.unwrap();
    assert!(world.log_in().execute(login_input("ada", NEW), &origin()).await.is_ok());
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_err());
    let changed = |event: &lectern_domain::audit::AuditEvent| event.kind == AuditKind::PasswordChanged;
    assert!(world.database.audit_log().iter().any(changed));
}

#[tokio::test]
async fn every_session_ends() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    change(&world, "ada", PASSWORD, NEW).await.unwrap();
    let access = world.authenticate().execute(tokens.access_token.expose_secret()).await;
    assert!(matches!(access, Err(AuthenticateError::Revoked)));
}

#[tokio::test]
async fn strangers_hear_the_same_of_every_account_and_of_none() {
    let world = World::new();
    let root = world.admin("root").await;
    world.sign_up("ada").await;
    for (name, password) in
        [("ada", "guess"), ("nobody", PASSWORD), ("no login at all", PASSWORD), ("ada", "")]
    {
        assert_eq!(change(&world, name, password, NEW).await, Err("wrong_password"), "{name}");
    }
    let endless = "x".repeat(10_000);
    assert_eq!(change(&world, "root", &endless, NEW).await, Err("wrong_password"));
    let blocked = world.sign_up("blocked").await.user.id();
    world.block_account().execute(&root, blocked).await.unwrap();
    let deleted = world.sign_up("deleted").await.user.id();
    world.delete_account().execute(&root, deleted).await.unwrap();
    for name in ["blocked", "deleted"] {
        assert_eq!(change(&world, name, PASSWORD, NEW).await, Err("wrong_password"), "{name}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_new_password_is_said_whoever_asks() {
    let world = World::new();
    world.sign_up("ada").await;
    for name in ["ada", "nobody"] {
        assert_eq!(change(&world, name, "guess", "weak").await, Err("validation_failed"), "{name}");
    }
    let v1 =
        ChangePasswordByLoginInput { policy: PasswordPolicy::V1, ..input("ada", "guess", "password123") };
    let refused = world.change_password_by_login().execute(v1, &origin()).await.unwrap_err();
    assert_eq!(refused.code(), "validation_failed");
}

#[tokio::test]
async fn guesses_here_and_at_signing_in_are_counted_together() {
    let world = World::new();
    world.sign_up_with_email("ada", "ada@example.org").await;
    for _ in 0..2 {
        let guess = world.log_in().execute(login_input("ada@example.org", "guess"), &origin()).await;
        assert_eq!(guess.unwrap_err().code(), "invalid_credentials");
        assert_eq!(change(&world, "Ada@example.org", "guess", NEW).await, Err("wrong_password"));
    }
    assert_eq!(change(&world, "ada@example.org", PASSWORD, NEW).await, Err("too_many_attempts"));
    let login = world.log_in().execute(login_input("ada@example.org", PASSWORD), &origin()).await;
    assert_eq!(login.unwrap_err().code(), "too_many_attempts");
}

#[tokio::test]
async fn a_failed_guess_is_in_the_audit_log() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user.id();
    change(&world, "ada", "guess", NEW).await.unwrap_err();
    let last = world.database.audit_log().pop().unwrap();
    assert_eq!((last.kind, last.actor, last.subject), (AuditKind::LoginFailed, None, Some(ada)));
}
