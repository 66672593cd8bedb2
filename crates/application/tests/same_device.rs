//! A surface on which signing in on a device that has a session goes on with it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, time::Duration};

use lectern_application::auth::{AuthenticateError, IssuedTokens, LoginInput, RefreshError, SessionRules};
use lectern_domain::{
    audit::{AuditKind, Origin},
    session::{Session, SessionId, UserAgent},
    surface::Surface,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, origin},
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

fn input(surface: Surface) -> LoginInput {
    LoginInput { login: "ada".to_owned(), password: PASSWORD.into(), surface }
}

async fn sign_in_through(world: &World, surface: Surface, origin: &Origin) -> IssuedTokens {
    world.log_in().execute(input(surface), origin).await.unwrap()
}

async fn sign_in(world: &World, origin: &Origin) -> IssuedTokens {
    sign_in_through(world, Surface::Katkru, origin).await
}

async fn with_ada() -> World {
    let world = World::new();
    world.sign_up("ada").await;
    world
}

fn on(user_agent: &str) -> Origin {
    Origin { user_agent: UserAgent::from_header(user_agent), ..origin() }
}

async fn live_sessions(world: &World) -> Vec<Session> {
    let ada = world.database.audit_log().iter().find_map(|event| event.subject).unwrap();
    world.queries().live_sessions(ada, lectern_application::ports::Clock::now(&*world.clock)).await.unwrap()
}

async fn live(world: &World) -> Vec<SessionId> {
    live_sessions(world).await.iter().map(Session::id).collect()
}

#[tokio::test]
async fn signing_in_again_on_a_device_goes_on_with_its_session() {
    let world = with_ada().await;
    let first = sign_in(&world, &origin()).await;
    world.clock.advance(Duration::from_mins(10));
    let second = sign_in(&world, &origin()).await;
    assert_eq!(second.session, first.session);
    assert_eq!(live(&world).await, [first.session]);
    for tokens in [&first, &second] {
        assert!(world.authenticate().execute(tokens.access_token.expose_secret()).await.is_ok());
        assert!(world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.is_ok());
    }
}

#[tokio::test]
async fn each_sign_in_makes_the_session_as_good_as_new() {
    let world = with_ada().await;
    let first = sign_in(&world, &origin()).await;
    world.clock.advance(Duration::from_hours(24 * 29));
    let second = sign_in(&world, &origin()).await;
    assert_eq!(second.session, first.session);
    assert_eq!(second.refresh_expires_in, Duration::from_hours(24 * 30));
    world.clock.advance(Duration::from_hours(24 * 29));
    assert!(world.refresh().execute(second.refresh_token.expose_secret(), &origin()).await.is_ok());
}

#[tokio::test]
async fn the_session_shows_the_address_of_the_last_sign_in() {
    let world = with_ada().await;
    sign_in(&world, &origin()).await;
    let elsewhere = Origin { ip: "198.51.100.7".parse().ok(), ..origin() };
    sign_in(&world, &elsewhere).await;
    let sessions = live_sessions(&world).await;
    let addresses: Vec<_> = sessions.iter().map(|session| session.parts().device.ip).collect();
    assert_eq!(addresses, [elsewhere.ip]);
}

#[tokio::test]
async fn another_device_has_a_session_of_its_own() {
    let world = with_ada().await;
    let sessions = [
        sign_in(&world, &on("Firefox")).await.session,
        sign_in(&world, &on("Chrome")).await.session,
        sign_in(&world, &on("")).await.session,
    ];
    assert_eq!(BTreeSet::from(sessions).len(), 3);
    assert_eq!(sign_in(&world, &on("")).await.session, sessions[2], "no name is a name, too");
}

#[tokio::test]
async fn a_device_is_known_by_what_is_kept_of_its_name() {
    let world = with_ada().await;
    let long = "x".repeat(UserAgent::MAX_CHARS);
    let first = sign_in(&world, &on(&format!("{long} one"))).await;
    assert_eq!(sign_in(&world, &on(&format!("{long} other"))).await.session, first.session);
}

#[tokio::test]
async fn anothers_session_on_the_same_device_is_left_alone() {
    let world = with_ada().await;
    world.sign_up("eve").await;
    let ada = sign_in(&world, &origin()).await;
    let eve = LoginInput { login: "eve".to_owned(), ..input(Surface::Katkru) };
    let eve = world.log_in().execute(eve, &origin()).await.unwrap();
    assert_ne!(eve.session, ada.session);
}

#[tokio::test]
async fn sessions_of_other_surfaces_are_never_gone_on_with() {
    let world = with_ada().await;
    let mut opened = BTreeSet::new();
    for surface in Surface::ALL.into_iter().filter(|surface| *surface != Surface::Katkru) {
        for _ in 0..2 {
            opened.insert(sign_in_through(&world, surface, &origin()).await.session);
        }
    }
    assert_eq!(opened.len(), 10, "nor do they go on with their own");
    assert!(!opened.contains(&sign_in(&world, &origin()).await.session));
}

#[tokio::test]
async fn going_on_with_a_session_displaces_none() {
    let rules = SessionRules { max_live: 2, ..SessionRules::default() };
    let world = World { session_rules: rules, ..with_ada().await };
    sign_in(&world, &on("Firefox")).await;
    sign_in(&world, &on("Chrome")).await;
    sign_in(&world, &on("Firefox")).await;
    assert_eq!(live(&world).await.len(), 2);
    let displaced = |kind: &AuditKind| matches!(kind, AuditKind::SessionDisplaced(_));
    assert!(!world.database.audit_log().iter().any(|event| displaced(&event.kind)));
}

#[tokio::test]
async fn a_session_that_has_ended_or_expired_does_not_come_back() {
    let world = with_ada().await;
    let ended = sign_in(&world, &origin()).await;
    world.log_out().execute(&world.caller(&ended).await).await.unwrap();
    let expired = sign_in(&world, &origin()).await;
    assert_ne!(expired.session, ended.session);
    world.clock.advance(Duration::from_hours(24 * 30));
    let new = sign_in(&world, &origin()).await;
    assert_eq!(live(&world).await, [new.session]);
    for old in [ended, expired] {
        let access = world.authenticate().execute(old.access_token.expose_secret()).await;
        assert!(matches!(access, Err(AuthenticateError::Revoked | AuthenticateError::Expired)));
        let refreshed = world.refresh().execute(old.refresh_token.expose_secret(), &origin()).await;
        assert!(matches!(refreshed, Err(RefreshError::Revoked | RefreshError::Expired)));
    }
}

#[tokio::test]
async fn a_wrong_password_does_not_go_on_with_anything() {
    let world = with_ada().await;
    sign_in(&world, &origin()).await;
    let before = live_sessions(&world).await;
    world.clock.advance(Duration::from_mins(10));
    let wrong = LoginInput { password: "wrong".into(), ..input(Surface::Katkru) };
    assert!(world.log_in().execute(wrong, &origin()).await.is_err());
    assert_eq!(live_sessions(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_sign_ins_at_once_on_a_device_all_get_one_session() {
    let world = with_ada().await;
    let mut tries = JoinSet::new();
    // As many as a network may have under way at once.
    for _ in 0..5 {
        let log_in = world.log_in();
        tries.spawn(async move { log_in.execute(input(Surface::Katkru), &origin()).await });
    }
    let sessions: BTreeSet<_> =
        tries.join_all().await.into_iter().map(|done| done.unwrap().session).collect();
    assert_eq!(sessions.len(), 1);
    assert_eq!(live(&world).await, sessions.into_iter().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_sign_in_that_races_a_sign_out_brings_its_session_back() {
    for _ in 0..20 {
        let world = with_ada().await;
        let old = sign_in(&world, &origin()).await;
        let caller = world.caller(&old).await;
        let signed_in = tokio::spawn({
            let log_in = world.log_in();
            async move { log_in.execute(input(Surface::Katkru), &origin()).await }
        });
        world.log_out().execute(&caller).await.unwrap();
        let new = signed_in.await.unwrap().unwrap();
        let access = world.authenticate().execute(old.access_token.expose_secret()).await;
        assert!(matches!(access, Err(AuthenticateError::Revoked)));
        let goes_on = world.authenticate().execute(new.access_token.expose_secret()).await.is_ok();
        assert_eq!(goes_on, new.session != old.session);
    }
}
