//! Signing up and in, and who asks.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{PASSWORD, answer, log_in, number, refusal, register, text};
use crate::server::Server;

const ROUTES: &[(Method, &str)] = &[
    (Method::GET, "/auth/info"),
    (Method::GET, "/transcriptions"),
    (Method::GET, "/transcript?task_id=1"),
    (Method::GET, "/transcript/info?transcript_id=1"),
    (Method::POST, "/transcript/export?task_id=1&format=txt"),
    (Method::POST, "/transcript/cancel?transcript_id=1"),
    (Method::POST, "/transcriptions/1/cancel"),
    (Method::POST, "/upload-audiofile"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_is_missing_or_no_bearer_token_is_an_invalid_authorization_header() {
    let server = Server::start();
    register(&server, "adalovelace").await;
    let token = text(&log_in(&server, "adalovelace").await, "access_token");
    let refused = refusal(StatusCode::UNAUTHORIZED, "Invalid Authorization Header");
    let malformed = [None, Some(token.clone()), Some(format!("Token {token}")), Some("Bearer".to_owned())];
    for (method, path) in ROUTES {
        for header in malformed.iter().cloned() {
            let mut request = server.request(method.clone(), path);
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            assert_eq!(answer(request).await, refused, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_no_authorization_header_so_pages_of_other_sites_can_do_nothing() {
    let server = Server::start();
    register(&server, "adalovelace").await;
    let token = text(&log_in(&server, "adalovelace").await, "access_token");
    let refused = refusal(StatusCode::UNAUTHORIZED, "Invalid Authorization Header");
    for (method, path) in ROUTES {
        let request = server.request(method.clone(), path).header("cookie", format!("access_token={token}"));
        assert_eq!(answer(request.header("sec-fetch-site", "same-origin")).await, refused, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_wrong_with_a_token_it_is_an_invalid_or_expired_one() {
    let server = Server::start();
    register(&server, "adalovelace").await;
    let tokens = log_in(&server, "adalovelace").await;
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| text(&tokens, name));
    let refused = refusal(StatusCode::UNAUTHORIZED, "Invalid or expired token");
    let info = |token: &str| server.get("/auth/info").bearer_auth(token);
    for wrong in ["garbage", &refresh, &access.to_uppercase()] {
        assert_eq!(answer(info(wrong)).await, refused, "{wrong}");
    }
    assert_eq!(answer(info(&access)).await.0, StatusCode::OK);
    server.world.clock.advance(Duration::from_mins(31));
    assert_eq!(answer(info(&access)).await, refused);
    for wrong in ["garbage", &access] {
        let request = server.post("/auth/refresh").json(&json!({"refresh_token": wrong}));
        assert_eq!(answer(request).await, refused, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_good_for_half_an_hour_and_thirty_days_and_are_rotated() {
    let server = Server::start();
    register(&server, "adalovelace").await;
    let tokens = log_in(&server, "adalovelace").await;
    server.world.clock.advance(Duration::from_mins(29));
    let info = |token: String| answer(server.get("/auth/info").bearer_auth(token));
    assert_eq!(info(text(&tokens, "access_token")).await.0, StatusCode::OK);
    server.world.clock.advance(Duration::from_hours(24 * 29));
    let refresh = json!({"refresh_token": text(&tokens, "refresh_token")});
    let (status, next) = answer(server.post("/auth/refresh").json(&refresh)).await;
    assert_eq!((status, text(&next, "token_type").as_str()), (StatusCode::OK, "bearer"));
    assert_ne!(text(&next, "refresh_token"), text(&tokens, "refresh_token"));
    assert_eq!(info(text(&next, "access_token")).await.0, StatusCode::OK);
    server.world.clock.advance(Duration::from_mins(1));
    let reused = refusal(StatusCode::UNAUTHORIZED, "Invalid or expired token");
    assert_eq!(answer(server.post("/auth/refresh").json(&refresh)).await, reused);
    assert_eq!(info(text(&next, "access_token")).await, reused, "reuse ends the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_knows_the_password_hears_that_an_account_is_blocked() {
    let server = Server::start();
    register(&server, "adalovelace").await;
    let root = server.world.admin("root").await;
    let ada = server.world.find_account().execute(&root, "adalovelace").await.unwrap().user.id();
    server.world.block_account().execute(&root, ada).await.unwrap();
    let log_in = |password: &str| {
        server.post("/auth/login").json(&json!({"username": "adalovelace", "password": password}))
    };
    let wrong = refusal(StatusCode::UNAUTHORIZED, "Incorrect username or password");
    assert_eq!(answer(log_in("Passw0rd?")).await, wrong);
    let response = log_in(PASSWORD).send().await.unwrap();
    assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body, json!({"detail": "Your account is blocked"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_asks_of_no_password_whether_it_could_be_one() {
    let server = Server::start();
    let wrong = refusal(StatusCode::UNAUTHORIZED, "Incorrect username or password");
    for (username, password) in [("adalovelace", "weak"), ("a", ""), ("nobody@example.org", "Passw0rd!")] {
        let body = json!({"username": username, "password": password});
        assert_eq!(answer(server.post("/auth/login").json(&body)).await, wrong, "{username}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_registers_hears_of_both_fields_and_never_their_own_password() {
    let server = Server::start();
    for (username, password, wrong) in [
        ("ada", "Passw0rd!", &["username"][..]),
        ("ada1815", "Passw0rd!", &["username"]),
        ("ада ловелас", "Passw0rd!", &["username"]),
        ("adalovelace", "passwordless", &["password"]),
        ("adalovelace", "Pass0rd", &["password"]),
        ("a", "weak-secret", &["username", "password"]),
        (&"a".repeat(65), "Passw0rd!", &["username"]),
    ] {
        let body = json!({"username": username, "password": password});
        let (status, body) = answer(server.post("/auth/register").json(&body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert!(!body.to_string().contains(password), "{body}");
        let errors = body.get("detail").and_then(serde_json::Value::as_array).unwrap();
        let fields: Vec<_> = errors.iter().map(|error| error.pointer("/loc/1").unwrap().clone()).collect();
        assert_eq!(fields, wrong, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_user_name_is_shown_by_its_address() {
    let server = Server::start();
    let body = json!({"email": "ada@example.org", "password": "correct horse battery"});
    assert_eq!(server.post("/v1/auth/register").json(&body).send().await.unwrap().status(), 201);
    let body = json!({"username": "ada@example.org", "password": "correct horse battery"});
    let tokens = answer(server.post("/auth/login").json(&body)).await.1;
    let (_, info) = answer(server.get("/auth/info").bearer_auth(text(&tokens, "access_token"))).await;
    assert_eq!((number(&info, "id"), text(&info, "username").as_str()), (1, "ada@example.org"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_root_says_whether_the_database_answers_to_whoever_asks_for_no_page() {
    let server = Server::start();
    for accept in [None, Some("*/*"), Some("application/json"), Some("text/html;q=0, */*")] {
        let mut request = server.get("/");
        if let Some(accept) = accept {
            request = request.header("accept", accept);
        }
        assert_eq!(
            answer(request).await,
            (StatusCode::OK, json!({"api": true, "database": true})),
            "{accept:?}"
        );
    }
    server.world.database.break_down();
    assert_eq!(answer(server.get("/")).await, (StatusCode::OK, json!({"api": true, "database": false})));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_a_page_at_the_root_gets_no_json() {
    let server = Server::start();
    for accept in ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"] {
        let response = server.get("/").header("accept", accept).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::NOT_ACCEPTABLE, "{accept}");
    }
}
