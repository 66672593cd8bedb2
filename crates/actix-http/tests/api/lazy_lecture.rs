//! lazy-lecture's accounts, transcripts and uploads: attacks first, then what clients rely on.

mod accounts;
mod admin_token;
mod transcripts;
mod uploads;

use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::server::{ADMIN_TOKEN, Server};

/// The password of everybody who registers through it.
const PASSWORD: &str = "Passw0rd!";

/// An answer's status and body.
async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    (status, response.json().await.unwrap())
}

/// A refusal in words.
fn refusal(status: StatusCode, text: &str) -> (StatusCode, Value) {
    (status, json!({"detail": text}))
}

/// The path of a change by the admin token.
fn patch_path(user: i64, token: &str) -> String {
    format!("/auth/patch?user_id={user}&secret_admin_token={}", token.replace(' ', "+"))
}

fn number(body: &Value, field: &str) -> i64 {
    body.get(field).and_then(Value::as_i64).unwrap()
}

fn text(body: &Value, field: &str) -> String {
    body.get(field).and_then(Value::as_str).unwrap().to_owned()
}

/// Registers somebody: the account.
async fn register(server: &Server, username: &str) -> Value {
    let body = json!({"username": username, "password": PASSWORD});
    let (status, account) = answer(server.post("/auth/register").json(&body)).await;
    assert_eq!(status, StatusCode::CREATED, "{account}");
    account
}

/// Signs somebody in: both tokens.
async fn log_in(server: &Server, username: &str) -> Value {
    let body = json!({"username": username, "password": PASSWORD});
    let (status, tokens) = answer(server.post("/auth/login").json(&body)).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens
}

/// Registers somebody who may upload, and signs them in: their access token.
async fn uploader(server: &Server, username: &str) -> String {
    let id = number(&register(server, username).await, "id");
    let request = server.request(reqwest::Method::PATCH, &patch_path(id, ADMIN_TOKEN));
    let (status, account) = answer(request.json(&json!({"can_interact": true}))).await;
    assert_eq!((status, account.get("can_interact")), (StatusCode::OK, Some(&json!(true))));
    text(&log_in(server, username).await, "access_token")
}
