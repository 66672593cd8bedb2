//! What the admin token opens, and what it doesn't.

use lectern_application::ports::Quotas;
use lectern_domain::throttling::Quota;
use lectern_testkit::world::{World, steps::PASSWORD as V1_PASSWORD};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::{PASSWORD, answer, log_in, number, patch_path, refusal, register, text};
use crate::server::{ADMIN_TOKEN, ICCEM_SECRET, Server, WORKER_TOKEN};

fn patch(server: &Server, path: &str, body: &Value) -> RequestBuilder {
    server.request(Method::PATCH, path).json(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_the_admin_token_is_taken_for_it() {
    let server = Server::start();
    let ada = register(&server, "adalovelace").await;
    let access = text(&log_in(&server, "adalovelace").await, "access_token");
    let root = server.token_of_admin("root").await;
    let wrong = refusal(StatusCode::UNAUTHORIZED, "Wrong admin token");
    for token in
        ["", "garbage", WORKER_TOKEN, ICCEM_SECRET, &access, &root, "the admin toke", "the admin token "]
    {
        let path = patch_path(number(&ada, "id"), token);
        let response = patch(&server, &path, &json!({"can_interact": true})).send().await.unwrap();
        assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer");
        let answered = (response.status(), response.json::<Value>().await.unwrap());
        assert_eq!(answered, wrong, "{token}");
    }
    let path = format!("/auth/patch?user_id={}", number(&ada, "id"));
    let by_header = patch(&server, &path, &json!({"can_interact": true})).bearer_auth(ADMIN_TOKEN);
    assert_eq!(answer(by_header).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let info = answer(server.get("/auth/info").bearer_auth(access)).await.1;
    assert_eq!(info.get("can_interact"), Some(&json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_told_before_anything_about_the_account_or_the_body() {
    let server = Server::start();
    let wrong = refusal(StatusCode::UNAUTHORIZED, "Wrong admin token");
    assert_eq!(answer(patch(&server, &patch_path(99, "garbage"), &json!({"password": 5}))).await, wrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_token_makes_nobody_an_administrator() {
    let server = Server::start();
    let root = server.world.admin("root").await;
    let path = patch_path(root.principal.number.0, ADMIN_TOKEN);
    let (status, body) = answer(patch(&server, &path, &json!({"password": "Passw0rd!"}))).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{body}");
    assert!(text(&body, "detail").contains("may do things that you may not"), "{body}");
    server.log_in("root", V1_PASSWORD).await.get("access_token").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_signs_every_device_out_at_once() {
    let server = Server::start();
    let ada = register(&server, "adalovelace").await;
    let tokens = log_in(&server, "adalovelace").await;
    let path = patch_path(number(&ada, "id"), ADMIN_TOKEN);
    let (status, body) = answer(patch(&server, &path, &json!({"password": "N3w=Passw0rd"}))).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let over = refusal(StatusCode::UNAUTHORIZED, "Invalid or expired token");
    let access = text(&tokens, "access_token");
    assert_eq!(answer(server.get("/auth/info").bearer_auth(access)).await, over);
    let refresh = json!({"refresh_token": text(&tokens, "refresh_token")});
    assert_eq!(answer(server.post("/auth/refresh").json(&refresh)).await, over);
    for (password, status) in [(PASSWORD, StatusCode::UNAUTHORIZED), ("N3w=Passw0rd", StatusCode::OK)] {
        let body = json!({"username": "adalovelace", "password": password});
        assert_eq!(answer(server.post("/auth/login").json(&body)).await.0, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_or_missing_is_told_and_never_repeated() {
    let server = Server::start();
    let ada = number(&register(&server, "adalovelace").await, "id");
    let no_token = format!("/auth/patch?user_id={ada}");
    let no_user = format!("/auth/patch?secret_admin_token={}", ADMIN_TOKEN.replace(' ', "+"));
    let no_number = format!("{no_user}&user_id=ada");
    let weak = patch_path(ada, ADMIN_TOKEN);
    for (path, body, at) in [
        (no_token.as_str(), json!({}), json!(["query", "secret_admin_token"])),
        (&no_user, json!({}), json!(["query", "user_id"])),
        (&no_number, json!({}), json!(["query", "user_id"])),
        (&weak, json!({"password": "weak-secret"}), json!(["body", "password"])),
        (&weak, json!({"can_interact": "weak-secret"}), json!(["body", "can_interact"])),
    ] {
        let (status, said) = answer(patch(&server, path, &body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert_eq!(said.pointer("/detail/0/loc"), Some(&at), "{said}");
        for secret in [ADMIN_TOKEN, "weak-secret"] {
            assert!(!said.to_string().contains(secret), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_the_admin_token_is_limited() {
    let quotas = Quotas { log_in: Quota::per_minute(3), ..Quotas::default() };
    let server = Server::of(World::with_limits(quotas));
    let mut answered = Vec::new();
    for _ in 0..4 {
        let guess = patch(&server, &patch_path(1, "a guess"), &json!({}));
        answered.push(guess.send().await.unwrap().status().as_u16());
    }
    assert_eq!(answered, [401, 401, 401, 429]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_change_is_a_look() {
    let server = Server::start();
    let ada = register(&server, "adalovelace").await;
    let path = patch_path(number(&ada, "id"), ADMIN_TOKEN);
    for body in [json!({}), json!({"password": null, "can_interact": null, "role": "admin"})] {
        assert_eq!(answer(patch(&server, &path, &body)).await, (StatusCode::OK, ada.clone()));
    }
}
