//! Signing up, in and out, and a session that goes on while nobody looks.

use serde_json::json;

use super::Browser;
use crate::{
    attacks::forge::{StolenKey, claims, with},
    client::Account,
    profile::{Profile, on_both_profiles},
    server::Server,
};

on_both_profiles!(
    somebody_signs_up_and_out_and_in_again,
    an_expired_session_is_renewed_on_the_way_and_leads_back_with_the_query_intact,
    a_device_is_signed_out_from_another_one,
);

async fn somebody_signs_up_and_out_and_in_again(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let browser = Browser::open().await;
    browser.show(&server, "/").await;
    assert_eq!(browser.address().await, server.url("/login"));
    browser.click("a[href='/register']").await;
    browser.fill("#username", "ada").await;
    browser.fill("#email", "ada@example.org").await;
    browser.fill("#password", Account::PASSWORD).await;
    browser.click("#register button").await;
    browser.until(&server, "document.querySelector('#who')?.textContent === 'ada'").await;
    assert_eq!(browser.address().await, server.url("/"));

    browser.show(&server, "/login").await;
    assert_eq!(browser.address().await, server.url("/"), "there is nothing to do at the form");
    browser.click("#sign-out").await;
    browser.until(&server, "document.querySelector('#login')").await;
    assert_eq!(browser.cookie("refresh_token").await, None);
    browser.show(&server, "/console/sessions").await;
    assert_eq!(browser.address().await, server.url("/login"));

    browser.fill("#username", "ADA@example.org").await;
    browser.fill("#password", Account::PASSWORD).await;
    browser.click("#login button").await;
    browser.until(&server, "document.querySelector('#who')?.textContent === 'ada'").await;
}

async fn an_expired_session_is_renewed_on_the_way_and_leads_back_with_the_query_intact(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    let expired = expired(&server, &browser.cookie("access_token").await.unwrap());
    browser.replace_cookie("access_token", expired.clone()).await;
    let refresh = browser.cookie("refresh_token").await;

    let path = "/?search=a%26b%20c&page=1&empty=";
    browser.show(&server, path).await;
    assert_eq!(browser.address().await, server.url(path));
    assert_eq!(browser.value("document.querySelector('#search').value").await, "a&b c");
    assert_ne!(browser.cookie("access_token").await, Some(expired));
    assert_ne!(browser.cookie("refresh_token").await, refresh);

    // Some browsers have the cookie no longer than the token is good for.
    browser.drop_cookie("access_token").await;
    browser.show(&server, "/console/sessions?a=%2F").await;
    assert_eq!(browser.address().await, server.url("/console/sessions?a=%2F"));
}

async fn a_device_is_signed_out_from_another_one(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let lost = Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    browser.show(&server, "/console/sessions").await;
    assert_eq!(browser.value("document.querySelectorAll('[id^=session-]').length").await, 2);
    // What the page asks for is renewed as well, without the page being left.
    browser.drop_cookie("access_token").await;
    browser.click("[id^=session-] form button").await;
    browser.until(&server, "document.querySelectorAll('[id^=session-]').length === 1").await;
    let after =
        server.client.get(server.url("/v1/me")).bearer_auth(lost.access_token()).send().await.unwrap();
    assert_eq!(after.status(), 401);
}

#[tokio::test]
async fn a_wrong_password_is_told_and_what_was_typed_stays() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let browser = Browser::open().await;
    browser.show(&server, "/login").await;
    browser.fill("#username", "ada").await;
    browser.fill("#password", "not the password").await;
    browser.click("#login button").await;
    browser.until(&server, "!document.querySelector('#login [role=alert]').hidden").await;
    assert!(browser.text().await.contains("Incorrect username or password"), "{}", browser.text().await);
    assert_eq!(browser.value("document.querySelector('#username').value").await, "ada");
    assert_eq!(browser.address().await, server.url("/login"));
}

#[tokio::test]
async fn what_is_wrong_with_a_new_account_is_told_field_by_field() {
    let server = Server::start(&[]).await;
    let browser = Browser::open().await;
    browser.show(&server, "/register").await;
    browser.fill("#username", "ada").await;
    browser.fill("#email", "ada@example.org").await;
    browser.fill("#password", "short").await;
    browser.click("#register button").await;
    browser
        .until(&server, "document.querySelector('#register [role=alert]').textContent.startsWith('password')")
        .await;
}

/// The same token, long over.
fn expired(server: &Server, token: &str) -> String {
    let claims = claims(token);
    let issued = claims.get("iat").and_then(serde_json::Value::as_i64).unwrap();
    let old = with(&with(&claims, "iat", json!(issued - 7200)), "exp", json!(issued - 3600));
    StolenKey::of(server).sign_claims(&old)
}
