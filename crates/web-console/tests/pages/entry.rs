//! Signing in and signing up.

use std::time::Duration;

use actix_web::http::StatusCode;
use lectern_testkit::world::World;

use crate::site::{Browser, register};

#[actix_web::test]
async fn strangers_see_the_forms() {
    let world = World::new();
    for (path, form) in [("/login", "action=\"/auth/login\""), ("/register", "action=\"/auth/register\"")] {
        let answer = Browser::new(&world).get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body.contains(form), "{path}: {}", answer.body);
    }
}

#[actix_web::test]
async fn whoever_is_signed_in_is_sent_to_the_console() {
    let world = World::new();
    register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    for path in ["/login", "/register"] {
        assert_eq!(browser.get(path).await.leads_to(), Some("/"), "{path}");
    }
}

/// A refresh that fails leads to the form, so the form must never lead to a refresh.
#[actix_web::test]
async fn a_session_that_may_be_over_is_no_way_around_the_form() {
    let world = World::new();
    register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(browser.get("/login").await.status, StatusCode::OK);
}

#[actix_web::test]
async fn a_password_never_gets_into_an_address() {
    let world = World::new();
    for path in ["/login", "/register"] {
        let body = Browser::new(&world).get(path).await.body;
        assert!(body.contains("method=\"post\"") && !body.contains("method=\"get\""), "{path}: {body}");
    }
}

#[actix_web::test]
async fn every_field_has_a_label() {
    let world = World::new();
    register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    let stranger = Browser::new(&world);
    for (path, browser) in [("/login", &stranger), ("/register", &stranger), ("/", &browser)] {
        let body = browser.get(path).await.body;
        let fields = body.split("<input ").skip(1);
        let mut count = 0;
        for field in fields {
            let id = field.strip_prefix("id=\"").and_then(|rest| rest.split('"').next()).unwrap();
            assert!(body.contains(&format!("<label for=\"{id}\">")), "{path}: {id}");
            count += 1;
        }
        assert!(count > 0, "{path}");
    }
}

#[actix_web::test]
async fn passwords_are_masked_and_may_be_pasted_or_filled_in_by_a_program() {
    let world = World::new();
    for (path, filled_in) in [("/login", "current-password"), ("/register", "new-password")] {
        let body = Browser::new(&world).get(path).await.body;
        let field = body.split("<input ").find(|field| field.starts_with("id=\"password\"")).unwrap();
        let field = field.split('>').next().unwrap();
        assert!(field.contains("type=\"password\""), "{path}: {field}");
        assert!(field.contains(&format!("autocomplete=\"{filled_in}\"")), "{path}: {field}");
        assert!(!field.contains("onpaste") && !field.contains("readonly"), "{path}: {field}");
    }
    let script = include_str!("../../assets/console.js");
    assert!(!script.contains("paste"), "nothing gets in the way of the clipboard");
}

#[actix_web::test]
async fn every_page_of_somebody_who_is_signed_in_has_the_way_out() {
    let world = World::new();
    let ada = register(&world, "ada").await;
    let recording = world.upload(&ada, 90).await.transcription.id().0;
    let browser = Browser::of(&world, "ada").await;
    for path in ["/", "/console/sessions", &format!("/console/transcriptions/{recording}")] {
        let body = browser.get(path).await.body;
        assert!(body.contains("href=\"/auth/logout\" data-sign-out>Sign out</a>"), "{path}: {body}");
    }
}
