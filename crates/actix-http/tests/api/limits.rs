//! Guessing and hammering over HTTP, and who a request is from.

use std::time::Duration;

use lectern_application::ports::Quotas;
use lectern_domain::throttling::Quota;
use lectern_testkit::world::{World, steps::PASSWORD};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, problem};

/// The routes that are limited, and how many requests a network has a minute.
const LIMITED: &[(&str, &str)] = &[
    ("/v1/auth/login", "300"),
    ("/v1/auth/register", "300"),
    ("/v1/auth/refresh", "1200"),
    ("/v1/auth/password/forgot", "120"),
    ("/v1/auth/password/confirm", "120"),
    ("/v1/auth/password/reset", "120"),
    ("/v1/auth/email/verify", "120"),
    ("/v1/transcriptions", "120"),
    ("/token", "5"),
    ("/refresh", "5"),
    ("/api/v1/server/users/sign_up", "300"),
    ("/api/v1/public/users/login", "300"),
    ("/api/v1/private/users/seances", "1200"),
    ("/api/v1/public/users/passw/forget_passw", "120"),
    ("/auth/login", "300"),
    ("/auth/register", "300"),
    ("/auth/refresh", "1200"),
    ("/auth/change-password", "300"),
    ("/upload-audiofile", "120"),
];

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

async fn log_in(server: &Server, login: &str, password: &str, forwarded_for: &str) -> Response {
    let body = json!({"login": login, "password": password});
    let request = server.post("/v1/auth/login").header("x-forwarded-for", forwarded_for);
    request.json(&body).send().await.unwrap()
}

/// Fails to sign in so often that the next try has to wait: for a second.
async fn fail_four_times(server: &Server, login: &str, forwarded_for: &str) {
    for _ in 0..4 {
        let refused = log_in(server, login, "wrong", forwarded_for).await;
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    }
}

fn too_many_attempts() -> (StatusCode, String) {
    (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts".to_owned())
}

/// Three logins a minute.
fn three_logins() -> World {
    World::with_limits(Quotas { log_in: Quota::per_minute(3), ..Quotas::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_for_the_network_that_guesses_and_for_no_other() {
    let server = Server::behind_a_proxy(World::new());
    server.token_of("ada").await;
    fail_four_times(&server, "ada", "198.51.100.66").await;
    for seconds in ["1", "2", "4", "8"] {
        let refused = log_in(&server, "ada", PASSWORD, "198.51.100.66").await;
        assert_eq!(header(&refused, "retry-after"), Some(seconds));
        assert_eq!(problem(refused).await, too_many_attempts());
        let elsewhere = log_in(&server, "ada", PASSWORD, "198.51.100.67").await;
        assert_eq!(elsewhere.status(), StatusCode::OK);
        server.world.clock.advance(Duration::from_secs(seconds.parse().unwrap()));
        let wrong = log_in(&server, "ada", "wrong", "198.51.100.66").await;
        assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_is_told_in_whole_seconds_rounded_up() {
    let server = Server::start();
    fail_four_times(&server, "ada", "").await;
    server.world.clock.advance(Duration::from_millis(1));
    let refused = log_in(&server, "ada", "wrong", "").await;
    assert_eq!(header(&refused, "retry-after"), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_account_is_throttled_with_the_same_answers() {
    let server = Server::start();
    server.token_of("ada").await;
    let mut answers = Vec::new();
    for login in ["ada", "nobody"] {
        fail_four_times(&server, login, "").await;
        let refused = log_in(&server, login, "wrong", "").await;
        let wait = header(&refused, "retry-after").map(ToOwned::to_owned);
        let mut body: Value = refused.json().await.unwrap();
        body.as_object_mut().unwrap().remove("request_id");
        answers.push((wait, body));
    }
    assert_eq!(answers.first(), answers.last());
    assert_eq!(answers.first().unwrap().1.get("code"), Some(&json!("too_many_attempts")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_header_does_not_help_whoever_guesses() {
    let server = Server::start();
    for host in 1..=4 {
        log_in(&server, "ada", "wrong", &format!("198.51.100.{host}")).await;
    }
    assert_eq!(problem(log_in(&server, "ada", "wrong", "198.51.100.5").await).await, too_many_attempts());

    let server = Server::behind_a_proxy(World::new());
    for host in 1..=4 {
        log_in(&server, "ada", "wrong", &format!("198.51.100.{host}, 127.0.0.1, 203.0.113.9")).await;
    }
    let refused = log_in(&server, "ada", "wrong", "198.51.100.5, 203.0.113.9").await;
    assert_eq!(problem(refused).await, too_many_attempts());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_shows_the_address_of_the_client_and_not_of_the_proxy() {
    let server = Server::behind_a_proxy(World::new());
    server.token_of("ada").await;
    let tokens: Value = log_in(&server, "ada", PASSWORD, "1.1.1.1, 2001:db8::7").await.json().await.unwrap();
    let token = tokens.get("access_token").and_then(Value::as_str).unwrap();
    let sessions = server.get("/v1/me/sessions").bearer_auth(token).send().await.unwrap();
    let sessions: Value = sessions.json().await.unwrap();
    let items = sessions.get("items").and_then(Value::as_array).unwrap();
    let current = items.iter().find(|session| session.get("current") == Some(&json!(true))).unwrap();
    assert_eq!(current.get("ip"), Some(&json!("2001:db8::7")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_session_is_no_way_to_guess_the_password() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    let change = |current: &str| {
        let body = json!({"current_password": current, "new_password": "another long password"});
        server.post("/v1/auth/password/change").bearer_auth(&token).json(&body).send()
    };
    for _ in 0..4 {
        assert_eq!(change("wrong").await.unwrap().status(), StatusCode::FORBIDDEN);
    }
    let refused = change(PASSWORD).await.unwrap();
    assert_eq!(header(&refused, "retry-after"), Some("1"));
    assert_eq!(problem(refused).await, too_many_attempts());
    let body = json!({"password": PASSWORD});
    let request = server.request(reqwest::Method::DELETE, "/v1/me").bearer_auth(&token).json(&body);
    assert_eq!(problem(request.send().await.unwrap()).await, too_many_attempts());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_tells_what_is_left_of_the_quota() {
    let server = Server::of(three_logins());
    for (remaining, reset) in [("2", "20"), ("1", "40"), ("0", "60")] {
        let response = server.post("/v1/auth/login").body("not even JSON").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(header(&response, "ratelimit-limit"), Some("3"));
        assert_eq!(header(&response, "ratelimit-remaining"), Some(remaining));
        assert_eq!(header(&response, "ratelimit-reset"), Some(reset));
        assert_eq!(header(&response, "retry-after"), None);
    }
    let response = server.get("/healthz").send().await.unwrap();
    assert_eq!(header(&response, "ratelimit-limit"), None, "a route without a limit says nothing of one");
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_quota_requests_are_refused_until_a_part_of_it_is_there_again() {
    let server = Server::of(three_logins());
    server.token_of("ada").await;
    for _ in 0..2 {
        assert_eq!(log_in(&server, "ada", PASSWORD, "").await.status(), StatusCode::OK);
    }
    let refused = log_in(&server, "ada", PASSWORD, "").await;
    for (name, value) in [("limit", "3"), ("remaining", "0"), ("reset", "20")] {
        assert_eq!(header(&refused, &format!("ratelimit-{name}")), Some(value));
    }
    assert_eq!(header(&refused, "retry-after"), Some("20"));
    assert_eq!(problem(refused).await, (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
    server.world.clock.advance(Duration::from_secs(20));
    assert_eq!(log_in(&server, "ada", PASSWORD, "").await.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hosts_of_an_ipv6_network_share_a_quota() {
    let server = Server::behind_a_proxy(three_logins());
    for host in 1..=3 {
        log_in(&server, "ada", "wrong", &format!("2001:db8:1:2::{host}")).await;
    }
    let refused = problem(log_in(&server, "ada", "wrong", "2001:db8:1:2:a:b:c:d").await).await;
    assert_eq!(refused, (StatusCode::TOO_MANY_REQUESTS, "rate_limited".to_owned()));
    let neighbour = log_in(&server, "ada", "wrong", "2001:db8:1:3::1").await;
    assert_eq!(header(&neighbour, "ratelimit-remaining"), Some("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_limits_guessing_is_slowed_down_all_the_same() {
    let server = Server::of(World { rate_limiter: None, ..three_logins() });
    fail_four_times(&server, "ada", "").await;
    let refused = log_in(&server, "ada", "wrong", "").await;
    assert_eq!(header(&refused, "ratelimit-limit"), None);
    assert_eq!(problem(refused).await, too_many_attempts());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_limited_route_says_its_limit_and_documents_the_refusal() {
    let server = Server::of(World::with_limits(Quotas::default()));
    let document = server.document().await;
    for (path, limit) in LIMITED {
        let response = server.post(path).send().await.unwrap();
        assert_eq!(header(&response, "ratelimit-limit"), Some(*limit), "{path}");
        let operation = document.pointer(&format!("/paths/{}/post", path.replace('/', "~1"))).unwrap();
        assert!(operation.pointer("/responses/429").is_some(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_that_anybody_may_post_to_is_limited() {
    let document = Server::start().document().await;
    let paths = document.get("paths").and_then(Value::as_object).unwrap();
    for (path, item) in paths {
        let is_open = item.get("post").is_some_and(|operation| operation.get("security").is_none());
        let is_limited = LIMITED.iter().any(|(limited, _)| limited == path);
        assert!(is_limited || !is_open, "{path} is not limited: wrap it, and add it to LIMITED");
    }
}
