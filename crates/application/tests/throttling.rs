//! Guessing passwords: one network is slowed down, and nobody else.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lectern_application::{
    Caller, ErrorKind, UseCaseError,
    auth::{ChangePasswordInput, LogIn, LoginError},
    ports::{HashError, LoginThrottle, PasswordHasher, Verified},
};
use lectern_domain::{
    account::{Password, PasswordHash, PasswordPolicy},
    audit::Origin,
    throttling::AccountKey,
};
use lectern_testkit::{
    fakes::PlainHasher,
    world::{
        World,
        steps::{PASSWORD, login_input, origin},
    },
};
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};

fn from(address: &str) -> Origin {
    Origin { ip: Some(address.parse().unwrap()), ..origin() }
}

/// Fails to sign in so often that the next try has to wait: for a second.
async fn fail_four_times(world: &World, login: &str, origin: &Origin) {
    for _ in 0..4 {
        let refused = world.log_in().execute(login_input(login, "wrong"), origin).await.unwrap_err();
        assert_eq!(refused.code(), "invalid_credentials", "{login}");
    }
}

async fn code(world: &World, login: &str, password: &str, origin: &Origin) -> &'static str {
    match world.log_in().execute(login_input(login, password), origin).await {
        Ok(_) => "signed in",
        Err(error) => error.code(),
    }
}

/// Lets nobody hear what became of their password before the gate is opened.
struct GatedHasher {
    hasher: Arc<PlainHasher>,
    gate: Semaphore,
}

#[async_trait]
impl PasswordHasher for GatedHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError> {
        self.hasher.hash(password).await
    }

    async fn verify(&self, password: Password, hash: PasswordHash) -> Result<Verified, HashError> {
        let _opened = self.gate.acquire().await.unwrap();
        self.hasher.verify(password, hash).await
    }

    async fn verify_nothing(&self, password: Password) -> Result<(), HashError> {
        self.hasher.verify_nothing(password).await
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_hundred_wrong_passwords_at_once_few_are_checked() {
    let world = World::new();
    world.sign_up("ada").await;
    let hasher = Arc::new(GatedHasher { hasher: world.hasher.clone(), gate: Semaphore::new(0) });
    let mut tries = JoinSet::new();
    for _ in 0..100 {
        let log_in = LogIn { hasher: hasher.clone(), ..world.log_in() };
        tries.spawn(async move { log_in.execute(login_input("ada", "wrong"), &origin()).await });
    }
    // On the paused clock a second passes as soon as everybody waits at the gate.
    let mut refused = 0;
    while let Ok(Some(answer)) = timeout(Duration::from_secs(1), tries.join_next()).await {
        assert!(matches!(answer.unwrap(), Err(LoginError::TooSoon(_))));
        refused += 1;
    }
    assert_eq!(refused, 68);
    hasher.gate.add_permits(1);
    while let Some(answer) = tries.join_next().await {
        assert!(matches!(answer.unwrap(), Err(LoginError::InvalidCredentials)));
    }
    assert_eq!(world.hasher.verified(), 32);
    assert_eq!(code(&world, "ada", PASSWORD, &origin()).await, "too_many_attempts");
}

#[tokio::test]
async fn nothing_is_checked_before_the_wait_is_over_not_even_the_right_password() {
    let world = World::new();
    world.sign_up("ada").await;
    fail_four_times(&world, "ada", &origin()).await;
    let checked = world.hasher.verified();
    let refused = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::TooMany, "too_many_attempts"));
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(1)));
    assert_eq!(world.hasher.verified(), checked);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(code(&world, "ada", PASSWORD, &origin()).await, "signed in");
}

#[tokio::test]
async fn each_further_failure_doubles_the_wait() {
    let world = World::new();
    world.sign_up("ada").await;
    fail_four_times(&world, "ada", &origin()).await;
    for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
        let refused = world.log_in().execute(login_input("ada", "wrong"), &origin()).await.unwrap_err();
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(seconds)));
        world.clock.advance(Duration::from_secs(seconds));
        assert_eq!(code(&world, "ada", "wrong", &origin()).await, "invalid_credentials");
    }
}

#[tokio::test]
async fn nobody_can_lock_others_out() {
    let world = World::new();
    world.sign_up("ada").await;
    world.sign_up("grace").await;
    fail_four_times(&world, "ada", &from("198.51.100.66")).await;
    assert_eq!(code(&world, "ada", PASSWORD, &from("198.51.100.66")).await, "too_many_attempts");
    assert_eq!(code(&world, "ada", PASSWORD, &from("198.51.100.67")).await, "signed in", "elsewhere");
    assert_eq!(code(&world, "grace", PASSWORD, &from("198.51.100.66")).await, "signed in", "a neighbour");
}

#[tokio::test]
async fn another_address_of_the_same_ipv6_network_does_not_help() {
    let world = World::new();
    world.sign_up("ada").await;
    for host in 1..=4 {
        let origin = from(&format!("2001:db8:1:2::{host}"));
        assert_eq!(code(&world, "ada", "wrong", &origin).await, "invalid_credentials");
    }
    assert_eq!(code(&world, "ada", "wrong", &from("2001:db8:1:2:3:4:5:6")).await, "too_many_attempts");
    assert_eq!(code(&world, "ada", PASSWORD, &from("2001:db8:1:3::1")).await, "signed in");
}

#[tokio::test]
async fn without_an_address_tries_are_counted_all_the_same() {
    let world = World::new();
    world.sign_up("ada").await;
    let nowhere = Origin { ip: None, ..origin() };
    fail_four_times(&world, "ada", &nowhere).await;
    assert_eq!(code(&world, "ada", PASSWORD, &nowhere).await, "too_many_attempts");
    assert_eq!(code(&world, "ada", PASSWORD, &origin()).await, "signed in");
}

#[tokio::test]
async fn an_unknown_account_is_throttled_like_a_known_one() {
    let world = World::new();
    world.sign_up("ada").await;
    for login in ["ada", "nobody", "nobody@example.org", "not even a login", ""] {
        fail_four_times(&world, login, &origin()).await;
        let refused = world.log_in().execute(login_input(login, "wrong"), &origin()).await.unwrap_err();
        assert!(matches!(refused, LoginError::TooSoon(_)), "{login}");
        assert_eq!(refused.retry_after(), Some(Duration::from_secs(1)), "{login}");
    }
}

#[tokio::test]
async fn another_spelling_of_a_login_does_not_help() {
    let world = World::new();
    world.sign_up("ada").await;
    for login in ["ada", "ADA", " Ada", "aDa\n"] {
        assert_eq!(code(&world, login, "wrong", &origin()).await, "invalid_credentials");
    }
    assert_eq!(code(&world, "adA", "wrong", &origin()).await, "too_many_attempts");
}

#[tokio::test]
async fn success_forgets_failures() {
    let world = World::new();
    world.sign_up("ada").await;
    for _ in 0..5 {
        for _ in 0..3 {
            assert_eq!(code(&world, "ada", "wrong", &origin()).await, "invalid_credentials");
        }
        assert_eq!(code(&world, "ada", PASSWORD, &origin()).await, "signed in");
    }
}

#[tokio::test]
async fn failures_are_forgotten_after_a_quarter_of_an_hour() {
    let world = World::new();
    world.sign_up("ada").await;
    fail_four_times(&world, "ada", &origin()).await;
    world.clock.advance(Duration::from_mins(15));
    fail_four_times(&world, "ada", &origin()).await;
}

#[tokio::test]
async fn a_failure_of_ours_is_none_of_theirs() {
    let world = World::new();
    world.sign_up("ada").await;
    world.hasher.fill_up();
    for _ in 0..10 {
        let refused = world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.unwrap_err();
        assert!(matches!(refused, LoginError::Hash(HashError::Busy)));
    }
}

#[tokio::test]
async fn whoever_is_forgiven_may_try_at_once_from_everywhere() {
    let world = World::new();
    let ada = world.sign_up("ada").await;
    world.sign_up("grace").await;
    let networks = ["198.51.100.1", "198.51.100.2"].map(from);
    for network in &networks {
        fail_four_times(&world, "ada", network).await;
        fail_four_times(&world, "grace", network).await;
    }
    world.throttle.forgive(&AccountKey::all_of(&ada.user)).await;
    for network in &networks {
        assert_eq!(code(&world, "ada", PASSWORD, network).await, "signed in");
        assert_eq!(code(&world, "grace", PASSWORD, network).await, "too_many_attempts");
    }
}

async fn change_code(world: &World, caller: &Caller, current: &str) -> &'static str {
    let new = Password::new("another long password".to_owned()).unwrap();
    let input = ChangePasswordInput { current: current.into(), new, policy: PasswordPolicy::V1 };
    match world.change_password().execute(caller, input).await {
        Ok(()) => "changed",
        Err(error) => error.code(),
    }
}

#[tokio::test]
async fn a_stolen_session_is_no_way_to_guess_the_password() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    for _ in 0..2 {
        assert_eq!(change_code(&world, &ada, "wrong").await, "wrong_password");
        let refused = world.delete_own_account().execute(&ada, "wrong".into()).await.unwrap_err();
        assert_eq!(refused.code(), "wrong_password");
    }
    assert_eq!(change_code(&world, &ada, PASSWORD).await, "too_many_attempts");
    let refused = world.delete_own_account().execute(&ada, PASSWORD.into()).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_attempts");
    assert_eq!(refused.retry_after(), Some(Duration::from_secs(1)));

    let elsewhere = Caller { origin: from("198.51.100.67"), ..ada.clone() };
    assert_eq!(change_code(&world, &elsewhere, PASSWORD).await, "changed", "its owner is not locked out");
}

#[tokio::test]
async fn a_password_that_is_confirmed_forgets_failures() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    for _ in 0..3 {
        assert_eq!(change_code(&world, &ada, "wrong").await, "wrong_password");
    }
    assert_eq!(change_code(&world, &ada, PASSWORD).await, "changed");
    for _ in 0..4 {
        assert_eq!(change_code(&world, &ada, "wrong").await, "wrong_password");
    }
}
