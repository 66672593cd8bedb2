//! Passwords of every length: each byte of them counts.

use serde_json::json;

use crate::{client::problem, server::Server};

async fn register(server: &Server, username: &str, password: &str) -> u16 {
    let body = json!({"username": username, "password": password});
    server.client.post(server.url("/v1/auth/register")).json(&body).send().await.unwrap().status().as_u16()
}

async fn log_in(server: &Server, login: &str, password: &str) -> u16 {
    let body = json!({"login": login, "password": password});
    server.client.post(server.url("/v1/auth/login")).json(&body).send().await.unwrap().status().as_u16()
}

/// bcrypt alone would ignore everything beyond 72 bytes.
#[tokio::test]
async fn the_last_byte_of_a_password_counts_at_any_length() {
    let server = Server::start(&[]).await;
    for bytes in [8, 71, 72, 73, 128, 256] {
        let username = format!("ada{bytes}");
        let body = "correct horse ".repeat(20);
        let stem = &body[..bytes - 1];
        assert_eq!(register(&server, &username, &format!("{stem}x")).await, 201, "{bytes}");
        assert_eq!(log_in(&server, &username, &format!("{stem}x")).await, 200, "{bytes}");
        assert_eq!(log_in(&server, &username, &format!("{stem}y")).await, 401, "{bytes}");
        assert_eq!(log_in(&server, &username, stem).await, 401, "{bytes}");
    }
}

/// The limit is in characters: 100 characters of three bytes are 300 bytes.
#[tokio::test]
async fn a_password_of_300_bytes_counts_whole_if_it_has_few_enough_characters() {
    let server = Server::start(&[]).await;
    let stem = "語".repeat(99);
    assert_eq!(register(&server, "ada", &format!("{stem}語")).await, 201);
    assert_eq!(log_in(&server, "ada", &format!("{stem}語")).await, 200);
    assert_eq!(log_in(&server, "ada", &format!("{stem}誤")).await, 401);
    assert_eq!(log_in(&server, "ada", &stem).await, 401);
}

#[tokio::test]
async fn a_password_beyond_the_limit_is_refused_and_never_cut() {
    let server = Server::start(&[]).await;
    for characters in [257, 300, 10_000] {
        let body = json!({"username": "ada", "password": "x".repeat(characters)});
        let response = server.client.post(server.url("/v1/auth/register")).json(&body).send().await.unwrap();
        assert_eq!(problem(response).await, (422, "validation_failed".to_owned()), "{characters}");
    }
    assert_eq!(register(&server, "ada", &"correct horse ".repeat(19)[..256]).await, 201);
    assert_eq!(log_in(&server, "ada", &"correct horse ".repeat(19)[..257]).await, 401);
}
