//! Reading the server's log.

use lectern_application::ports::LogSink;
use lectern_domain::{
    access::Permission,
    log::{LogEntry, LogFields, LogLevel},
};
use lectern_testkit::{
    build::{at, log_entry, request_log_entry},
    clock::START,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::server::{Server, problem};

/// Four lines: two requests, a warning, and a request that failed.
async fn entries(server: &Server) -> [LogEntry; 4] {
    let entries = [
        request_log_entry("/v1/me", 200, at(1)),
        log_entry(LogLevel::Warn, "Redis is out of reach", at(2)),
        request_log_entry("/v1/me", 401, at(3)),
        LogEntry {
            level: LogLevel::Error,
            fields: LogFields::first_of([("cause", "no room left")]),
            ..request_log_entry("/v1/users/{id}", 507, at(4))
        },
    ];
    server.world.database.append(&entries).await.unwrap();
    entries
}

async fn listed(server: &Server, token: &str, query: &str) -> Value {
    let response = server.get(&format!("/v1/logs{query}")).bearer_auth(token).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{query}");
    response.json().await.unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    let items = page.get("items").and_then(Value::as_array).unwrap();
    items.iter().map(|entry| entry.get("id").and_then(Value::as_str).unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_all_that_is_known_of_its_request() {
    let server = Server::start();
    let token = server.token_of_holder("ada", &[Permission::AUDIT_VIEW]).await;
    let entries = entries(&server).await;
    let page = listed(&server, &token, "?size=1").await;
    let expected = json!({
        "id": entries[3].id.0,
        "at": "2026-01-01T00:00:04Z",
        "level": "error",
        "target": "lectern",
        "message": "served",
        "request_id": entries[3].request_id,
        "method": "GET",
        "route": "/v1/users/{id}",
        "status": 507,
        "duration_ms": 1.5,
        "fields": {"cause": "no room left"},
    });
    assert_eq!(page.pointer("/items/0"), Some(&expected), "at {}", START.as_micros());
    assert_eq!((page.get("total"), page.get("pages")), (Some(&json!(4)), Some(&json!(4))));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_filtered_by_all_that_a_line_says() {
    let server = Server::start();
    let token = server.token_of_holder("ada", &[Permission::AUDIT_VIEW]).await;
    let entries = entries(&server).await;
    let request = entries[2].request_id.unwrap();
    for (query, expected) in [
        ("?level=info".to_owned(), vec![3, 2, 1, 0]),
        ("?level=warn".to_owned(), vec![3, 1]),
        ("?level=ERROR".to_owned(), vec![3]),
        ("?route=/v1/me&status=200".to_owned(), vec![0]),
        ("?route=/v1/users/%7Bid%7D".to_owned(), vec![3]),
        (format!("?request_id={request}"), vec![2]),
        ("?message=REDIS+is".to_owned(), vec![1]),
        ("?message=%00".to_owned(), vec![]),
        ("?route=%00".to_owned(), vec![]),
        ("?until=2999-01-01T00:00:00Z&page=2&size=3".to_owned(), vec![0]),
        ("?since=2999-01-01T00:00:00Z".to_owned(), vec![]),
    ] {
        let expected: Vec<_> =
            expected.into_iter().map(|index: usize| entries[index].id.0.to_string()).collect();
        assert_eq!(ids(&listed(&server, &token, &query).await), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_of_the_log_that_makes_no_sense_is_named() {
    let server = Server::start();
    let token = server.token_of_holder("ada", &[Permission::AUDIT_VIEW]).await;
    let too_long = format!("message={}", "x".repeat(201));
    for query in [
        "level=debug",
        "since=yesterday",
        "until=2026-01-01",
        "request_id=7",
        "status=99",
        "status=600",
        "status=70000",
        "status=-1",
        "page=0",
        "colour=red",
        &too_long,
    ] {
        let response = server.get(&format!("/v1/logs?{query}")).bearer_auth(&token).send().await.unwrap();
        let refused = problem(response).await;
        assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, "validation_failed".to_owned()), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_servers_log_is_not_for_everybody() {
    let server = Server::start();
    let ada = server.token_of("ada").await;
    let response = server.get("/v1/logs").bearer_auth(&ada).send().await.unwrap();
    assert_eq!(problem(response).await, (StatusCode::FORBIDDEN, "permission_denied".to_owned()));
}
