//! What is done by way of mails: forgotten passwords, and showing that an address is one's own.

use lectern_domain::challenge::Code;
use lectern_testkit::world::steps::PASSWORD;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, problem};

const NEW: &str = "an entirely new password";

async fn with_ada() -> Server {
    let server = Server::start();
    server.world.sign_up_with_email("ada", "ada@example.org").await;
    server
}

async fn post(server: &Server, path: &str, body: Value) -> Response {
    server.post(path).json(&body).send().await.unwrap()
}

async fn forgot(server: &Server, email: &str) -> String {
    let response = post(server, "/v1/auth/password/forgot", json!({"email": email})).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
    let body: Value = response.json().await.unwrap();
    body.get("reset_token").and_then(Value::as_str).unwrap().to_owned()
}

async fn confirm(server: &Server, token: &str, code: &Code) -> Response {
    let body = json!({"reset_token": token, "code": code.expose()});
    post(server, "/v1/auth/password/confirm", body).await
}

async fn reset(server: &Server, token: &str, new: &str) -> Response {
    post(server, "/v1/auth/password/reset", json!({"reset_token": token, "new_password": new})).await
}

fn unprocessable(code: &str) -> (StatusCode, String) {
    (StatusCode::UNPROCESSABLE_ENTITY, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced() {
    let server = with_ada().await;
    let token = forgot(&server, "Ada@Example.org").await;
    let code = server.world.mailed_code().await;
    assert_eq!(confirm(&server, &token, &code).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(reset(&server, &token, NEW).await.status(), StatusCode::NO_CONTENT);
    assert!(server.log_in("ada", NEW).await.get("access_token").is_some());
    assert!(server.log_in("ada", PASSWORD).await.get("access_token").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn known_and_unknown_addresses_are_answered_alike() {
    let server = with_ada().await;
    for email in ["ada@example.org", "nobody@example.org"] {
        let token = forgot(&server, email).await;
        assert_eq!(token.len(), 43, "{email}");
        let wrong = confirm(&server, &token, &Code::parse("000000").unwrap()).await;
        assert_eq!(problem(wrong).await, unprocessable("reset_code_invalid"), "{email}");
        let early = reset(&server, &token, NEW).await;
        assert_eq!(problem(early).await, unprocessable("reset_token_invalid"), "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_malformed_is_named_by_field() {
    let server = with_ada().await;
    let token = forgot(&server, "ada@example.org").await;
    for (path, body, pointer) in [
        ("/v1/auth/password/forgot", json!({"email": "nope"}), "/email"),
        ("/v1/auth/password/confirm", json!({"reset_token": token, "code": "12345"}), "/code"),
        (
            "/v1/auth/password/reset",
            json!({"reset_token": token, "new_password": "x".repeat(2000)}),
            "/new_password",
        ),
        ("/v1/auth/email/verify", json!({"code": "123456"}), "/verification_token"),
        ("/v1/auth/email/verify", json!({"verification_token": token}), "/code"),
        ("/v1/auth/email/verify", json!({"verification_token": token, "code": "six"}), "/code"),
    ] {
        let body: Value = post(&server, path, body).await.json().await.unwrap();
        assert_eq!(body.get("code"), Some(&json!("validation_failed")), "{path}");
        assert_eq!(body.pointer("/errors/0/pointer"), Some(&json!(pointer)), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_new_password_is_named_and_the_token_works_on() {
    let server = with_ada().await;
    let token = forgot(&server, "ada@example.org").await;
    confirm(&server, &token, &server.world.mailed_code().await).await;
    let refused: Value = reset(&server, &token, "password1").await.json().await.unwrap();
    assert_eq!(refused.pointer("/errors/0/pointer"), Some(&json!("/new_password")));
    assert_eq!(reset(&server, &token, NEW).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_that_nobody_asked_for_are_refused_here_too() {
    let server = with_ada().await;
    for (path, body) in [
        ("/v1/auth/password/forgot", json!({"email": "ada@example.org", "username": "ada"})),
        ("/v1/auth/password/confirm", json!({"reset_token": "x", "code": "123456", "email": "a@b.org"})),
        ("/v1/auth/password/reset", json!({"reset_token": "x", "new_password": NEW, "code": "123456"})),
        ("/v1/auth/email/verify", json!({"email": "eve@example.org"})),
    ] {
        let refused = problem(post(&server, path, body).await).await;
        assert_eq!(refused, unprocessable("validation_failed"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_verified_by_whoever_has_the_code() {
    let server = with_ada().await;
    let tokens = server.log_in("ada", PASSWORD).await;
    let access = tokens.get("access_token").and_then(Value::as_str).unwrap();
    for body in [None, Some(json!({})), Some(Value::Null)] {
        let request = server.post("/v1/auth/email/verify").bearer_auth(access);
        let request = if let Some(body) = &body { request.json(body) } else { request };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED, "{body:?}");
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
        let asked: Value = response.json().await.unwrap();
        assert_eq!(asked.get("verification_token").and_then(Value::as_str).map(str::len), Some(43));
    }
    let response = server.post("/v1/auth/email/verify").bearer_auth(access).send().await.unwrap();
    let asked: Value = response.json().await.unwrap();
    let code = server.world.mailed_code().await;
    let shown = json!({"verification_token": asked.get("verification_token"), "code": code.expose()});
    let verified = post(&server, "/v1/auth/email/verify", shown).await;
    assert_eq!(verified.status(), StatusCode::NO_CONTENT);
    let again = server.post("/v1/auth/email/verify").bearer_auth(access).send().await.unwrap();
    assert_eq!(problem(again).await, (StatusCode::CONFLICT, "email_already_verified".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_verification_code_is_422_for_everybody() {
    let server = with_ada().await;
    let body = json!({"verification_token": "A".repeat(43), "code": "123456"});
    let refused = problem(post(&server, "/v1/auth/email/verify", body).await).await;
    assert_eq!(refused, unprocessable("verification_code_invalid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_codes_are_429() {
    let server = with_ada().await;
    let tokens = server.log_in("ada", PASSWORD).await;
    let access = tokens.get("access_token").and_then(Value::as_str).unwrap();
    for _ in 0..5 {
        server.post("/v1/auth/email/verify").bearer_auth(access).send().await.unwrap();
    }
    let refused = server.post("/v1/auth/email/verify").bearer_auth(access).send().await.unwrap();
    assert_eq!(problem(refused).await, (StatusCode::TOO_MANY_REQUESTS, "too_many_mails".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_not_ask_by_cookie() {
    let server = with_ada().await;
    let body = json!({"login": "ada", "password": PASSWORD, "cookies": true});
    let response = post(&server, "/v1/auth/login", body).await;
    let cookie = response.headers().get("set-cookie").unwrap().to_str().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    let request = server.post("/v1/auth/email/verify").header("cookie", cookie);
    let refused = request.header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(problem(refused).await, (StatusCode::FORBIDDEN, "cross_site_request".to_owned()));
}
