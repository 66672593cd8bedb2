//! What browsers are told with every page.

use actix_web::http::StatusCode;
use lectern_testkit::world::World;

use crate::site::{Answer, Browser, register};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// A page of every kind: forms, the console, one that says what is wrong, and a redirect.
async fn pages(world: &World) -> Vec<Answer> {
    let ada = register(world, "ada").await;
    let recording = world.upload(&ada, 90).await.transcription.id().0;
    let browser = Browser::of(world, "ada").await;
    let mut answers = Vec::new();
    for path in ["/", "/console/sessions", "/console/transcriptions/none", "/login"] {
        answers.push(browser.get(path).await);
    }
    answers.push(browser.get(&format!("/console/transcriptions/{recording}")).await);
    for path in ["/login", "/register", "/"] {
        answers.push(Browser::new(world).get(path).await);
    }
    answers
}

#[actix_web::test]
async fn every_page_may_do_only_what_the_policy_lists() {
    for answer in pages(&World::new()).await {
        assert_eq!(answer.header("content-security-policy"), POLICY, "{}", answer.body);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
    }
}

#[actix_web::test]
async fn no_page_is_kept() {
    for answer in pages(&World::new()).await {
        assert_eq!(answer.header("cache-control"), "no-store", "{}", answer.body);
    }
}

/// The policy forbids them, so one that is there would not work.
#[actix_web::test]
async fn no_page_has_script_or_style_of_its_own() {
    for answer in pages(&World::new()).await {
        for inline in ["<style", " style=", "<script>", " onclick=", "javascript:", "http://", "https://"] {
            assert!(!answer.body.contains(inline), "{inline}: {}", answer.body);
        }
    }
}

#[actix_web::test]
async fn assets_are_kept_for_good_under_names_of_their_content() {
    let world = World::new();
    let page = Browser::new(&world).get("/login").await.body;
    let assets: Vec<_> = page.split("\"/assets/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(assets.len(), 3, "{page}");
    for name in assets {
        let answer = Browser::new(&world).accepting("*/*").get(&format!("/assets/{name}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable", "{name}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{name}");
    }
}

#[actix_web::test]
async fn an_asset_of_another_name_is_not_there() {
    let world = World::new();
    for name in ["console.css", "console.0000000000000000.css", "..%2F..%2FCargo.toml", "%2e%2e"] {
        let answer = Browser::new(&world).get(&format!("/assets/{name}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{name}");
    }
}
