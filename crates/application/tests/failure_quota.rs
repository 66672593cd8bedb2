//! A surface on which the failures of a network count together, whoever it tries to be.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use lectern_application::{UseCaseError, auth::LoginInput};
use lectern_domain::{audit::Origin, surface::Surface};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};

const SPAN: Duration = Duration::from_mins(5);

fn from(address: &str) -> Origin {
    Origin { ip: Some(address.parse().unwrap()), ..origin() }
}

/// The code of the answer, and how long to wait in seconds.
async fn answer(world: &World, login: &str, password: &str, origin: &Origin) -> (&'static str, Option<u64>) {
    let input = LoginInput { surface: Surface::Katkru, ..login_input(login, password) };
    match world.log_in().execute(input, origin).await {
        Ok(_) => ("signed in", None),
        Err(error) => (error.code(), error.retry_after().map(|wait| wait.as_secs())),
    }
}

async fn fail(world: &World, times: usize, login: &str) {
    for _ in 0..times {
        assert_eq!(answer(world, login, "wrong", &origin()).await.0, "invalid_credentials", "{login}");
    }
}

async fn with_ada() -> World {
    let world = World::new();
    world.sign_up("ada").await;
    world
}

#[tokio::test]
async fn after_five_failures_the_network_waits_whatever_the_password() {
    let world = with_ada().await;
    fail(&world, 5, "ada").await;
    let checked = world.hasher.verified();
    for password in ["wrong", PASSWORD] {
        assert_eq!(answer(&world, "ada", password, &origin()).await, ("too_many_attempts", Some(300)));
    }
    assert_eq!(world.hasher.verified(), checked, "nothing is looked at");
    world.clock.advance(SPAN);
    assert_eq!(answer(&world, "ada", PASSWORD, &origin()).await.0, "signed in");
}

#[tokio::test]
async fn failures_at_different_logins_count_together() {
    let world = with_ada().await;
    for login in ["ada", "eve", "nobody", "nobody@example.org", "not even a login"] {
        fail(&world, 1, login).await;
    }
    assert_eq!(answer(&world, "ada", PASSWORD, &origin()).await.0, "too_many_attempts");
}

#[tokio::test]
async fn nobody_elsewhere_waits() {
    let world = with_ada().await;
    fail(&world, 5, "ada").await;
    assert_eq!(answer(&world, "ada", PASSWORD, &from("198.51.100.7")).await.0, "signed in");
}

#[tokio::test]
async fn other_surfaces_are_as_they_were() {
    let world = with_ada().await;
    fail(&world, 5, "nobody").await;
    assert!(world.log_in().execute(login_input("ada", PASSWORD), &origin()).await.is_ok());
}

#[tokio::test]
async fn a_success_clears_the_count() {
    let world = with_ada().await;
    for _ in 0..5 {
        fail(&world, 4, "ada").await;
        assert_eq!(answer(&world, "ada", PASSWORD, &origin()).await.0, "signed in");
    }
}

/// Without the throttle of each login, this would be as many guesses as one likes.
#[tokio::test]
async fn an_account_of_ones_own_is_no_way_to_guess_at_anothers() {
    let world = with_ada().await;
    world.sign_up("eve").await;
    let mut guesses = 0;
    for _ in 0..20 {
        assert_eq!(answer(&world, "eve", PASSWORD, &origin()).await.0, "signed in");
        for _ in 0..4 {
            guesses +=
                usize::from(answer(&world, "ada", "wrong", &origin()).await.0 == "invalid_credentials");
        }
    }
    assert_eq!(guesses, 5);
}

#[tokio::test]
async fn a_try_that_the_throttle_refuses_is_none_of_the_five() {
    let world = with_ada().await;
    world.sign_up("eve").await;
    fail(&world, 4, "ada").await;
    assert_eq!(answer(&world, "eve", PASSWORD, &origin()).await.0, "signed in");
    fail(&world, 1, "ada").await;
    for _ in 0..10 {
        assert_eq!(answer(&world, "ada", "wrong", &origin()).await, ("too_many_attempts", Some(1)));
    }
    fail(&world, 4, "nobody").await;
    assert_eq!(answer(&world, "nobody", "wrong", &origin()).await, ("too_many_attempts", Some(300)));
}

#[tokio::test]
async fn a_failure_of_ours_is_none_of_theirs() {
    let world = with_ada().await;
    world.hasher.fill_up();
    for _ in 0..10 {
        assert_eq!(answer(&world, "ada", PASSWORD, &origin()).await.0, "busy");
    }
}
