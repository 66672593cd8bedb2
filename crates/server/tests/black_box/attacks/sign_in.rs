//! Session fixation, mass assignment and guessing who has an account.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    client::{Account, problem},
    server::Server,
};

/// Whoever plants a cookie in somebody's browser doesn't share the session that they then open.
#[tokio::test]
async fn signing_in_opens_a_session_of_its_own_whatever_cookies_are_there() {
    let server = Server::start(&[]).await;
    let eve = Account::register(&server, "eve").await;
    Account::register(&server, "ada").await;
    let planted = format!("access_token={}; refresh_token={}", eve.access_token(), eve.refresh_token());
    let body = json!({"login": "ada", "password": Account::PASSWORD, "session_id": null});
    let with_field = server.client.post(server.url("/v1/auth/login")).json(&body).send().await.unwrap();
    assert_eq!(problem(with_field).await, (422, "validation_failed".to_owned()));

    let body = json!({"login": "ada", "password": Account::PASSWORD});
    let request = server.client.post(server.url("/v1/auth/login")).header("cookie", planted).json(&body);
    let tokens: Value = request.send().await.unwrap().json().await.unwrap();
    let text = |name| tokens.get(name).and_then(Value::as_str).unwrap();
    let me = server.client.get(server.url("/v1/me")).bearer_auth(text("access_token"));
    let me: Value = me.send().await.unwrap().json().await.unwrap();
    assert_eq!(me.get("username"), Some(&json!("ada")));
    let sessions = eve.get(&server, "/v1/me/sessions").await;
    let ids: Vec<_> = sessions.pointer("/items").and_then(Value::as_array).unwrap().iter().collect();
    assert!(ids.iter().all(|session| session.get("id") != tokens.get("session_id")), "{ids:?}");
    // Eve's session is still hers.
    assert_eq!(eve.get(&server, "/v1/me").await.get("username"), Some(&json!("eve")));
}

#[tokio::test]
async fn nobody_registers_as_more_than_a_user() {
    let server = Server::start(&[]).await;
    for (name, value) in [
        ("role", json!("admin")),
        ("balance", json!(1_000_000)),
        ("permissions", json!(["users.grant"])),
        ("can_interact", json!(true)),
        ("standing", json!("active")),
        ("id", json!("018f3b0e-0000-7000-8000-000000000000")),
        ("number", json!(1)),
        ("epoch", json!(7)),
        ("password_hash", json!("$2b$04$")),
    ] {
        let mut body = json!({"username": "eve", "password": Account::PASSWORD});
        body.as_object_mut().unwrap().insert(name.to_owned(), value.clone());
        let register = server.client.post(server.url("/v1/auth/register")).json(&body);
        assert_eq!(problem(register.send().await.unwrap()).await.0, 422, "{name}");
        let eve = Account::register(&server, &format!("eve-{name}").replace('_', "-")).await;
        let patch = eve.request(&server, Method::PATCH, "/v1/me").json(&json!({name: value}));
        assert_eq!(problem(patch.send().await.unwrap()).await.0, 422, "{name}");
        let me = eve.get(&server, "/v1/me").await;
        assert_eq!((me.get("role"), me.get("balance")), (Some(&json!("user")), Some(&json!(0))));
    }
}

/// All but the ids of requests.
#[tokio::test]
async fn a_wrong_login_looks_the_same_whoever_has_an_account() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let mut answers = Vec::new();
    for (login, password) in [
        ("ada", "a wrong password"),
        ("nobody", "a wrong password"),
        ("nobody@example.org", "a wrong password"),
        ("not a login at all", "x"),
        ("ada", ""),
        ("", ""),
    ] {
        let body = json!({"login": login, "password": password});
        let response = server.client.post(server.url("/v1/auth/login")).json(&body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{login}");
        let mut headers: Vec<_> = response.headers().keys().map(ToString::to_string).collect();
        headers.sort();
        let mut body: Value = response.json().await.unwrap();
        body.as_object_mut().unwrap().remove("request_id");
        answers.push((headers, body));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
}

/// What is another's is not there: the same answer as for what nobody has.
#[tokio::test]
async fn anothers_session_can_be_neither_seen_nor_ended() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let eve = Account::register(&server, "eve").await;
    let sessions = ada.get(&server, "/v1/me/sessions").await;
    let id = sessions.pointer("/items/0/id").and_then(Value::as_str).unwrap();
    let mut answers = Vec::new();
    for id in [id, "018f3b0e-0000-7000-8000-000000000000"] {
        let path = format!("/v1/me/sessions/{id}");
        let response = eve.request(&server, Method::DELETE, &path).send().await.unwrap();
        answers.push(problem(response).await);
    }
    assert_eq!(answers, [(404, "session_not_found".to_owned()), (404, "session_not_found".to_owned())]);
    assert!(!eve.get(&server, "/v1/me/sessions").await.to_string().contains(id));
    assert_eq!(ada.get(&server, "/v1/me").await.get("username"), Some(&json!("ada")));
}
