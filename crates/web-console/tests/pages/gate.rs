//! Who is let in, and where all others are sent.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use lectern_domain::access::RoleName;
use lectern_testkit::world::World;
use uuid::Uuid;

use crate::site::{Browser, register};

/// The pages that only those see who are signed in.
fn protected() -> [String; 5] {
    let recording = format!("/console/transcriptions/{}", Uuid::nil());
    [
        "/".to_owned(),
        "/console/sessions".to_owned(),
        format!("{recording}/export?format=txt"),
        format!("{recording}/audio"),
        recording,
    ]
}

#[actix_web::test]
async fn strangers_are_sent_to_sign_in() {
    let world = World::new();
    for path in protected() {
        assert_eq!(Browser::new(&world).get(&path).await.leads_to(), Some("/login"), "{path}");
    }
}

#[actix_web::test]
async fn what_is_no_token_leads_to_sign_in() {
    let world = World::new();
    for token in ["", "x", "a.b.c"] {
        let browser = Browser::new(&world).with_cookie("access_token", token);
        assert_eq!(browser.get("/console/sessions").await.leads_to(), Some("/login"), "{token}");
    }
}

#[actix_web::test]
async fn a_refresh_token_is_no_access_token() {
    let world = World::new();
    register(&world, "ada").await;
    let tokens = world.sign_in("ada").await;
    let swapped = secrecy::ExposeSecret::expose_secret(&tokens.refresh_token).to_owned();
    let browser = Browser::new(&world).with_cookie("access_token", swapped);
    assert_eq!(browser.get("/").await.leads_to(), Some("/login"));
}

#[actix_web::test]
async fn a_session_that_was_ended_leads_to_sign_in() {
    let world = World::new();
    register(&world, "ada").await;
    let tokens = world.sign_in("ada").await;
    let browser = Browser::new(&world).with_tokens(&tokens);
    world.log_out().execute(&world.caller(&tokens).await).await.unwrap();
    assert_eq!(browser.get("/").await.leads_to(), Some("/login"));
}

#[actix_web::test]
async fn an_expired_token_is_renewed_and_leads_back_with_the_query_intact() {
    let world = World::new();
    register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    world.clock.advance(Duration::from_hours(1));
    for (path, back) in [
        ("/", "%2F"),
        ("/?search=a%20b&page=2", "%2F%3Fsearch%3Da%2520b%26page%3D2"),
        ("/console/sessions?a=1&b=%26%3D", "%2Fconsole%2Fsessions%3Fa%3D1%26b%3D%2526%253D"),
    ] {
        let expected = format!("/auth/refresh?redirect_url={back}");
        assert_eq!(browser.get(path).await.leads_to(), Some(expected.as_str()), "{path}");
    }
}

#[actix_web::test]
async fn a_cookie_that_the_browser_dropped_means_the_same_as_an_expired_one() {
    let world = World::new();
    register(&world, "ada").await;
    let mut browser = Browser::of(&world, "ada").await;
    browser.drop_cookie("access_token");
    let expected = "/auth/refresh?redirect_url=%2Fconsole%2Fsessions";
    assert_eq!(browser.get("/console/sessions").await.leads_to(), Some(expected));
}

#[actix_web::test]
async fn a_token_whose_rights_have_changed_is_renewed() {
    let world = World::new();
    let root = world.admin("root").await;
    let ada = register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    let role = RoleName::parse("operator").unwrap();
    world.set_role().execute(&root, ada.principal.user, role).await.unwrap();
    assert_eq!(browser.get("/").await.leads_to(), Some("/auth/refresh?redirect_url=%2F"));
}

#[actix_web::test]
async fn clients_that_want_no_page_get_401_in_their_own_form() {
    let world = World::new();
    for accept in ["application/json", "*/*", "", "text/html;q=0, application/json"] {
        let client = Browser::new(&world).accepting(accept);
        let answer = client.get("/console/sessions").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{accept}");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{accept}");
        assert_eq!(answer.body, "{\"detail\": \"Вы не вошли в систему\"}", "{accept}");
    }
}

#[actix_web::test]
async fn an_expired_token_is_401_for_clients_that_want_no_page() {
    let world = World::new();
    register(&world, "ada").await;
    let client = Browser::of(&world, "ada").await.accepting("application/json");
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(client.get("/console/sessions").await.status, StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn other_methods_are_never_sent_elsewhere() {
    let world = World::new();
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = Browser::new(&world).ask(method.clone(), "/console/sessions").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method}");
    }
}

#[actix_web::test]
async fn whoever_is_signed_in_is_told_that_pages_have_no_other_methods() {
    let world = World::new();
    register(&world, "ada").await;
    let answer = Browser::of(&world, "ada").await.ask(Method::POST, "/console/sessions").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.header("allow"), "GET, HEAD");
}

#[actix_web::test]
async fn the_root_is_left_to_others_unless_a_page_is_wanted() {
    let world = World::new();
    register(&world, "ada").await;
    let browser = Browser::of(&world, "ada").await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    for accept in ["application/json", "*/*", ""] {
        let client = Browser::of(&world, "ada").await.accepting(accept);
        assert_eq!(client.get("/").await.status, StatusCode::NOT_FOUND, "{accept}");
    }
    assert_eq!(browser.ask(Method::POST, "/").await.status, StatusCode::NOT_FOUND);
}
