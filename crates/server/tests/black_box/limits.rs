//! Limits and trusted proxies, as the settings turn them on and off.

use reqwest::Response;
use serde_json::json;

use crate::{
    client::problem,
    profile::{Profile, on_both_profiles},
    server::Server,
};

on_both_profiles!(
    without_any_setting_requests_are_limited_and_no_proxy_is_trusted,
    limits_can_be_turned_off_and_guessing_is_slowed_down_all_the_same,
    a_trusted_proxy_says_who_asks,
);

async fn log_in(server: &Server, forwarded_for: &str) -> Response {
    let request = server.client.post(server.url("/v1/auth/login")).header("x-forwarded-for", forwarded_for);
    request.json(&json!({"login": "ada", "password": "wrong"})).send().await.unwrap()
}

/// Fails to sign in so often that the next try has to wait.
async fn fail_four_times(server: &Server, forwarded_for: &str) {
    for _ in 0..4 {
        assert_eq!(log_in(server, forwarded_for).await.status(), 401, "{}", server.log());
    }
}

async fn without_any_setting_requests_are_limited_and_no_proxy_is_trusted(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    fail_four_times(&server, "198.51.100.1").await;
    let refused = log_in(&server, "198.51.100.2").await;
    assert_eq!(refused.headers().get("ratelimit-limit").unwrap(), "300");
    assert_eq!(problem(refused).await, (429, "too_many_attempts".to_owned()));
}

async fn limits_can_be_turned_off_and_guessing_is_slowed_down_all_the_same(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_RATE_LIMITS", "off")]).await;
    fail_four_times(&server, "").await;
    let refused = log_in(&server, "").await;
    assert!(refused.headers().get("ratelimit-limit").is_none());
    assert_eq!(problem(refused).await, (429, "too_many_attempts".to_owned()));
}

async fn a_trusted_proxy_says_who_asks(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")]).await;
    fail_four_times(&server, "198.51.100.1, 10.0.0.1").await;
    let refused = log_in(&server, "198.51.100.1").await;
    assert_eq!(problem(refused).await, (429, "too_many_attempts".to_owned()));
    assert_eq!(log_in(&server, "198.51.100.2").await.status(), 401);
}
