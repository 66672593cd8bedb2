//! The log in the database: what gets into it, what never does, and what becomes of it when the database is gone.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::{
    client::{ADMIN, Account, problem},
    profile::{Profile, on_both_profiles},
    scaled::parts::{Parts, Stand, Stands},
    server::Server,
};

/// The most that a line may take to the database before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// What no log may hold.
const SECRET: &str = "s3cr3t";

const KEPT: (&str, &str) = ("LECTERN_LOG_TO_DB", "true");

on_both_profiles!(
    no_secret_that_is_sent_gets_into_the_log,
    a_request_is_in_the_log_under_the_id_of_its_answer,
    whoever_may_not_view_the_audit_log_may_not_read_the_log,
    nothing_is_kept_unless_it_is_asked_for,
    what_was_served_last_is_in_the_log_after_a_stop,
);

async fn start(profile: Profile) -> Server {
    Server::start_on(profile, &[ADMIN[0], ADMIN[1], KEPT]).await
}

fn request_id(answer: &Response) -> String {
    answer.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned()
}

/// Waits until there is a line about a request.
async fn line_of(server: &Server, root: &Account, request_id: &str) -> Value {
    let mut looks = interval(Duration::from_millis(50));
    let looking = async {
        loop {
            looks.tick().await;
            let path = format!("/v1/logs?request_id={request_id}");
            let answer = root.request(server, Method::GET, &path).send().await.unwrap();
            let page: Value = answer.json().await.unwrap();
            if let Some(line) = page.pointer("/items/0") {
                return line.clone();
            }
        }
    };
    let found = timeout(PATIENCE, looking).await;
    assert!(found.is_ok(), "no line about {request_id}: {}", server.log());
    found.unwrap()
}

/// Everything that is kept, as text.
async fn everything(server: &Server, root: &Account) -> String {
    let page = root.get(server, "/v1/logs?size=200").await;
    assert_eq!(page.get("pages"), Some(&json!(1)), "not all of it is on the first page");
    page.to_string()
}

async fn no_secret_that_is_sent_gets_into_the_log(profile: Profile) {
    let server = start(profile).await;
    let root = Account::log_in(&server, "root").await;
    let send = async |method: Method, path: &str, body: String| {
        let request = server.client.request(method, server.url(path)).body(body);
        let request = request.header("Content-Type", "application/json");
        request.header("X-Request-Id", SECRET).send().await.unwrap()
    };
    let register = json!({"username": "ada", "email": "s3cr3t@example.org", "password": "a s3cr3t password"});
    assert_eq!(send(Method::POST, "/v1/auth/register", register.to_string()).await.status(), 201);
    for body in [
        json!({"login": "s3cr3t", "password": "s3cr3t"}).to_string(),
        json!({"login": "ada", "password": "not the s3cr3t", "s3cr3t": true}).to_string(),
        "{\"login\": \"s3cr3t".to_owned(),
    ] {
        assert!(send(Method::POST, "/v1/auth/login", body).await.status().is_client_error());
    }
    send(Method::POST, "/v1/auth/refresh", json!({"refresh_token": "s3cr3t"}).to_string()).await;
    send(Method::POST, "/v1/auth/password/forgot", json!({"email": "s3cr3t@example.org"}).to_string()).await;
    for path in ["/v1/me?token=s3cr3t", "/s3cr3t", "/v1/users/s3cr3t", "/healthz?s3cr3t", "/docs/?s3cr3t"] {
        send(Method::GET, path, String::new()).await;
    }
    for (name, value) in [
        ("Authorization", "Bearer s3cr3t"),
        ("Authorization", "Basic czNjcjN0OnMzY3IzdA=="),
        ("Cookie", "access_token=s3cr3t; refresh_token=s3cr3t"),
        ("User-Agent", "s3cr3t"),
        ("Idempotency-Key", "\"s3cr3t\""),
        ("X-Forwarded-For", "192.0.2.77"),
        ("Origin", "https://s3cr3t.example.org"),
    ] {
        server.client.get(server.url("/v1/me")).header(name, value).send().await.unwrap();
        server.client.get(server.url("/docs/")).header(name, value).send().await.unwrap();
    }
    let ada = Account::log_in_with(&server, "ada", "a s3cr3t password").await;
    let last = ada.request(&server, Method::GET, "/v1/me").send().await.unwrap();
    line_of(&server, &root, &request_id(&last)).await;

    let log = everything(&server, &root).await;
    assert!(log.contains("/v1/auth/login") && log.contains("/v1/users/{id}"), "{log}");
    let tokens = [ada.into_tokens(), root.into_tokens()].concat();
    let secrets = [SECRET, "czNjcjN0", "192.0.2.77", "127.0.0.1", Account::PASSWORD];
    for secret in secrets.into_iter().chain(tokens.iter().map(String::as_str)) {
        assert!(!log.contains(secret), "{secret} is in {log}");
    }
}

async fn a_request_is_in_the_log_under_the_id_of_its_answer(profile: Profile) {
    let server = start(profile).await;
    let root = Account::log_in(&server, "root").await;
    let answer = root.request(&server, Method::GET, "/v1/users/0190c0de-0000-7000-8000-000000000000").send();
    let answer = answer.await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let id = request_id(&answer);
    let line = line_of(&server, &root, &id).await;
    for (name, expected) in [
        ("level", json!("info")),
        ("message", json!("served")),
        ("request_id", json!(id)),
        ("method", json!("GET")),
        ("route", json!("/v1/users/{id}")),
        ("status", json!(404)),
        ("fields", json!({})),
    ] {
        assert_eq!(line.get(name), Some(&expected), "{line}");
    }
    assert!(line.get("duration_ms").and_then(Value::as_f64).is_some_and(|span| span > 0.0), "{line}");
    let by_all = "/v1/logs?route=/v1/users/%7Bid%7D&status=404&level=info&message=SERVED";
    assert_eq!(root.get(&server, by_all).await.get("total"), Some(&json!(1)));
}

async fn whoever_may_not_view_the_audit_log_may_not_read_the_log(profile: Profile) {
    let server = start(profile).await;
    let ada = Account::register(&server, "ada").await;
    let refused = ada.request(&server, Method::GET, "/v1/logs").send().await.unwrap();
    assert_eq!(problem(refused).await, (403, "permission_denied".to_owned()));
}

async fn nothing_is_kept_unless_it_is_asked_for(profile: Profile) {
    let mut server = Server::start_on(profile, &ADMIN).await;
    let root = Account::log_in(&server, "root").await;
    root.get(&server, "/v1/me").await;
    // Its end would write what waits.
    assert_eq!(server.terminate().await.code(), Some(0), "{}", server.log());
    server.restart().await;
    assert_eq!(root.get(&server, "/v1/logs").await.get("total"), Some(&json!(0)));
}

async fn what_was_served_last_is_in_the_log_after_a_stop(profile: Profile) {
    let mut server = start(profile).await;
    let root = Account::log_in(&server, "root").await;
    let last = root.request(&server, Method::GET, "/v1/me").send().await.unwrap();
    assert_eq!(server.terminate().await.code(), Some(0), "{}", server.log());
    server.restart().await;
    let path = format!("/v1/logs?request_id={}", request_id(&last));
    assert_eq!(root.get(&server, &path).await.get("total"), Some(&json!(1)), "{}", server.log());
}

#[tokio::test]
async fn requests_are_answered_while_the_database_is_gone_and_their_lines_are_there_afterwards() {
    let parts = Parts::stand(Stands { postgresql: Stand::Own, ..Stands::default() }).await;
    let settings = [ADMIN[0], ADMIN[1], KEPT].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let server = Server::replica(parts.settings().into_iter().chain(settings).collect()).await;
    let root = Account::log_in(&server, "root").await;
    parts.postgresql.kill().await;
    let mut requests = Vec::new();
    for _ in 0..20 {
        let answer = server.client.get(server.url("/healthz")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        requests.push(request_id(&answer));
    }
    parts.postgresql.restart().await;
    for request in requests {
        assert_eq!(line_of(&server, &root, &request).await.get("route"), Some(&json!("/healthz")));
    }
    let missing = root.get(&server, "/v1/logs?message=missing").await;
    assert_eq!(missing.get("total"), Some(&json!(0)), "{missing}");
}
