//! Requests that are sent again under an `Idempotency-Key`: signing up. Uploads are in
//! [`repeated_uploads`](super::repeated_uploads), balances in [`balance`](super::balance).

use std::time::Duration;

use futures::future::join_all;
use lectern_domain::audit::AuditKind;
use lectern_testkit::world::steps::PASSWORD;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::server::{DOCS, Server, problem};

async fn register(server: &Server, username: &str, password: &str, key: &str) -> Response {
    let body = json!({"username": username, "password": password});
    server.post("/v1/auth/register").header("Idempotency-Key", key).json(&body).send().await.unwrap()
}

/// The status, the location and the id of an account that was made.
async fn made(response: Response) -> (StatusCode, String, String) {
    let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
    let status = response.status();
    let body: Value = response.json().await.unwrap();
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    (status, location.unwrap_or_default(), id)
}

fn sign_ups(server: &Server) -> usize {
    let events = server.world.database.audit_log();
    events.iter().filter(|event| event.kind == AuditKind::SignedUp).count()
}

fn conflict(code: &str) -> (StatusCode, String) {
    (StatusCode::CONFLICT, code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_sent_again_is_answered_as_the_first() {
    let server = Server::start();
    let first = made(register(&server, "ada", PASSWORD, "k").await).await;
    assert_eq!(first.0, StatusCode::CREATED);
    assert_eq!(first.1, format!("/v1/users/{}", first.2));
    for key in ["k", "\"k\"", " k "] {
        assert_eq!(made(register(&server, "ada", PASSWORD, key).await).await, first, "{key}");
    }
    assert_eq!(sign_ups(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_registrations_at_once_under_one_key_make_one_account() {
    let server = Server::start();
    let answers = join_all((0..50).map(|_| register(&server, "ada", PASSWORD, "k"))).await;
    let answers = join_all(answers.into_iter().map(made)).await;
    assert!(answers.iter().all(|answer| answer.0 == StatusCode::CREATED));
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(sign_ups(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_second_registration_is_a_conflict() {
    let server = Server::start();
    server.token_of("ada").await;
    let body = json!({"username": "ada", "password": PASSWORD});
    let refused = server.post("/v1/auth/register").json(&body).send().await.unwrap();
    assert_eq!(problem(refused).await, conflict("username_taken"));
    let refused = register(&server, "ada", PASSWORD, "new").await;
    assert_eq!(problem(refused).await, conflict("username_taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_key_gets_nothing_with_other_names() {
    let server = Server::start();
    register(&server, "ada", PASSWORD, "k").await;
    for body in [
        json!({"username": "eve", "password": PASSWORD}),
        json!({"username": "ADA", "password": PASSWORD}),
        json!({"email": "ada@example.org", "password": PASSWORD}),
        json!({"username": "ada", "password": PASSWORD, "first_name": "Ada"}),
    ] {
        let request = server.post("/v1/auth/register").header("Idempotency-Key", "k").json(&body);
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused, conflict("idempotency_key_reused"), "{body}");
    }
    assert_eq!(sign_ups(&server), 1);
    // And whose key it is still has the use of it.
    assert_eq!(register(&server, "ada", PASSWORD, "k").await.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_key_and_name_are_no_way_to_guess_the_password() {
    let server = Server::start();
    register(&server, "ada", PASSWORD, "k").await;
    let guess = register(&server, "ada", "another long password", "k").await;
    assert_eq!(problem(guess).await, conflict("idempotency_key_reused"));
    // That was the only guess: from now on the key tells right from wrong no more.
    for password in ["yet another password", PASSWORD] {
        let refused = problem(register(&server, "ada", password, "k").await).await;
        assert_eq!(refused, conflict("username_taken"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_failed_does_not_use_up_its_key() {
    let server = Server::start();
    server.token_of("ada").await;
    let refused = problem(register(&server, "ada", PASSWORD, "k").await).await;
    assert_eq!(refused, conflict("username_taken"));
    assert_eq!(register(&server, "bob", PASSWORD, "k").await.status(), StatusCode::CREATED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registration_that_was_lost_on_the_way_to_the_disk_can_be_sent_again() {
    let server = Server::start();
    server.world.database.fail_next_commits(1);
    let lost = register(&server, "ada", PASSWORD, "k").await;
    assert_eq!(problem(lost).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(register(&server, "ada", PASSWORD, "k").await.status(), StatusCode::CREATED);
    assert_eq!(sign_ups(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_is_not_made_anew_under_its_key() {
    let server = Server::start();
    register(&server, "ada", PASSWORD, "k").await;
    let tokens = server.log_in("ada", PASSWORD).await;
    let token = tokens.get("access_token").and_then(Value::as_str).unwrap();
    let delete = server.request(Method::DELETE, "/v1/me").bearer_auth(token);
    delete.json(&json!({"password": PASSWORD})).send().await.unwrap();
    let refused = problem(register(&server, "ada", PASSWORD, "k").await).await;
    assert_eq!(refused, conflict("idempotency_result_gone"));
    assert_eq!(sign_ups(&server), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_forgotten_after_a_day() {
    let server = Server::start();
    register(&server, "ada", PASSWORD, "k").await;
    server.world.clock.advance(Duration::from_hours(24));
    server.world.purge().execute().await.unwrap();
    assert_eq!(register(&server, "ada", PASSWORD, "k").await.status(), StatusCode::CREATED);
    server.world.clock.advance(Duration::from_micros(1));
    assert_eq!(server.world.purge().execute().await.unwrap().keys, 1);
    let refused = problem(register(&server, "ada", PASSWORD, "k").await).await;
    assert_eq!(refused, conflict("username_taken"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_is_refused_with_a_pointer_to_the_header() {
    let server = Server::start();
    let long = "k".repeat(256);
    for key in [
        &b""[..],
        b" ",
        b"two words",
        b"\"open",
        b"\"a\"b",
        b"\"\"",
        "é".as_bytes(),
        b"\xff",
        long.as_bytes(),
    ] {
        let request = server.post("/v1/auth/register").header("Idempotency-Key", key);
        let body = json!({"username": "ada", "password": PASSWORD});
        let refused = request.json(&body).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{key:?}");
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body.get("code"), Some(&json!("validation_failed")));
        assert_eq!(body.pointer("/errors/0/pointer"), Some(&json!("Idempotency-Key")), "{key:?}");
    }
    assert_eq!(sign_ups(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keys_are_refused() {
    let server = Server::start();
    let request = server.post("/v1/auth/register").header("Idempotency-Key", "a");
    let body = json!({"username": "ada", "password": PASSWORD});
    let refused = request.header("Idempotency-Key", "b").json(&body).send().await.unwrap();
    assert_eq!(problem(refused).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sign_ups(&server), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_the_header_wherever_something_is_created() {
    let server = Server::start();
    let response = server.get("/openapi.json").basic_auth(DOCS.0, Some(DOCS.1)).send().await.unwrap();
    let document: Value = response.json().await.unwrap();
    let paths = document.get("paths").and_then(Value::as_object).unwrap();
    for (path, item) in paths.iter().filter(|(path, _)| path.starts_with("/v1")) {
        let Some(post) = item.get("post") else { continue };
        let creates = post.pointer("/responses/201").is_some() || path == "/v1/transcriptions";
        let parameters = post.get("parameters").and_then(Value::as_array);
        let header =
            parameters.into_iter().flatten().find(|it| it.get("name") == Some(&json!("Idempotency-Key")));
        assert_eq!(header.is_some(), creates, "{path}");
        if let Some(header) = header {
            assert_eq!(header.get("in"), Some(&json!("header")));
            assert_eq!(header.get("required"), Some(&json!(false)));
            assert!(post.pointer("/responses/409").is_some(), "{path}");
        }
    }
}
