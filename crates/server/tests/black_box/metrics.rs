//! `/metrics`: what a service says of itself after all kinds of things happened to it.

use std::{collections::BTreeSet, time::Duration};

use lectern_application::metrics::{Values, catalogue::ALL};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::{
    client::{ADMIN, Account, problem},
    profile::{Profile, on_both_profiles},
    scrape::Scrape,
    server::Server,
    sound,
};

/// The most that something may take to show before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);
/// Names that the process has by a convention of all services.
const OF_PROCESSES: &str = "process_";

on_both_profiles!(
    a_journey_moves_its_counters_and_no_others,
    what_is_made_up_adds_no_series_and_is_shown_nowhere,
    gauges_say_what_is_there,
);

async fn sign_in(server: &Server, login: &str, password: &str) -> u16 {
    let body = json!({"login": login, "password": password});
    let answer = server.client.post(server.url("/v1/auth/login")).json(&body).send().await.unwrap();
    answer.status().as_u16()
}

/// Presents a refresh token: the status, and the next one.
async fn refresh(server: &Server, token: &str) -> (u16, String) {
    let body = json!({"refresh_token": token});
    let answer = server.client.post(server.url("/v1/auth/refresh")).json(&body).send().await.unwrap();
    let status = answer.status().as_u16();
    let body: Value = answer.json().await.unwrap();
    (status, body.get("refresh_token").and_then(Value::as_str).unwrap_or_default().to_owned())
}

async fn a_journey_moves_its_counters_and_no_others(profile: Profile) {
    let server = Server::start_on(
        profile,
        &[
            ("LECTERN_RECOGNIZER", "command"),
            ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}"),
            ("LECTERN_REFRESH_GRACE_SECONDS", "0"),
        ],
    )
    .await;
    let before = Scrape::of(&server).await;

    let ada = Account::register(&server, "ada").await;
    let again = json!({"username": "ada", "password": Account::PASSWORD});
    let taken = server.client.post(server.url("/v1/auth/register")).json(&again).send().await.unwrap();
    assert_eq!(problem(taken).await, (409, "username_taken".to_owned()));
    for _ in 0..4 {
        assert_eq!(sign_in(&server, "nobody", "wrong").await, 401);
    }
    assert_eq!(sign_in(&server, "nobody", "wrong").await, 429);
    let first = ada.refresh_token().to_owned();
    let (status, second) = refresh(&server, &first).await;
    assert_eq!(status, 200);
    assert_eq!(refresh(&server, &second).await.0, 200);
    assert_eq!(refresh(&server, &first).await.0, 401, "it was used before");
    assert_eq!(refresh(&server, "no token").await.0, 401);
    let ada = Account::log_in(&server, "ada").await;
    let path = ada.upload(&server, sound::noise(61, 1), "audio/wav").await;
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());

    let after = Scrape::of(&server).await;
    let moved = |name: &str, labels: &[(&str, &str)]| {
        after.value(name, labels).unwrap_or_default() - before.value(name, labels).unwrap_or_default()
    };
    for (name, labels, by) in [
        ("lectern_registrations_total", &[("outcome", "ok")][..], 1.0),
        ("lectern_registrations_total", &[("outcome", "username_taken")], 1.0),
        ("lectern_logins_total", &[("outcome", "ok")], 2.0),
        ("lectern_logins_total", &[("outcome", "invalid_credentials")], 4.0),
        ("lectern_logins_total", &[("outcome", "too_many_attempts")], 1.0),
        ("lectern_logins_total", &[("outcome", "error")], 0.0),
        ("lectern_throttled_total", &[("throttle", "guesses")], 1.0),
        ("lectern_rate_limited_total", &[("limit", "log_in")], 0.0),
        ("lectern_refreshes_total", &[("outcome", "rotated")], 2.0),
        ("lectern_refreshes_total", &[("outcome", "repeated")], 0.0),
        ("lectern_refreshes_total", &[("outcome", "refresh_reused")], 1.0),
        ("lectern_refreshes_total", &[("outcome", "token_invalid")], 1.0),
        ("lectern_transcriptions_finished_total", &[("state", "completed")], 1.0),
        ("lectern_transcriptions_finished_total", &[("state", "cancelled")], 0.0),
        ("lectern_transcription_real_time_factor", &[], 2.0),
        ("lectern_job_errors_total", &[], 0.0),
        ("lectern_leases_lost_total", &[], 0.0),
        ("lectern_http_requests_total", &of("POST", "/v1/auth/login", "401"), 4.0),
        ("lectern_http_requests_total", &of("POST", "/v1/auth/login", "429"), 1.0),
        ("lectern_http_requests_total", &of("POST", "/v1/auth/login", "200"), 2.0),
        ("lectern_http_requests_total", &of("POST", "/v1/transcriptions", "202"), 1.0),
        ("lectern_http_requests_total", &of("GET", "/v1/transcriptions/{id}/events", "200"), 1.0),
        ("lectern_http_request_duration_seconds", &[("method", "POST"), ("route", "/v1/auth/login")], 7.0),
    ] {
        let moved = moved(name, labels);
        assert!((moved - by).abs() < 1e-9, "{name} {labels:?} moved by {moved}\n{}", server.log());
    }
    assert!(moved("lectern_tokens_verified_total", &[("checked_by", "signature")]) > 0.0);
    assert!(moved("lectern_session_lookups_total", &[("found_in", "database")]) > 0.0);
    assert_described(&after);
}

fn of<'a>(method: &'a str, route: &'a str, status: &'a str) -> [(&'a str, &'a str); 3] {
    [("method", method), ("route", route), ("status", status)]
}

/// Asserts that all metrics have help and type, and are what the catalogue says of them.
fn assert_described(scrape: &Scrape) {
    assert_eq!(scrape.undescribed, BTreeSet::new(), "without help or type");
    for (name, labels) in scrape.series().iter().filter(|(name, _)| !name.starts_with(OF_PROCESSES)) {
        let known = ALL.iter().find(|(_, metric)| metric.name == name).map(|(_, metric)| metric);
        assert!(known.is_some(), "{name} is not in the catalogue");
        let expected: BTreeSet<_> = known.unwrap().labels.iter().map(|label| label.name).collect();
        assert_eq!(labels.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected, "{name}");
        for label in known.unwrap().labels {
            let value = labels.get(label.name).unwrap();
            if let Values::Closed(values) = label.values {
                assert!(values.contains(&value.as_str()), "{name} has the {} {value}", label.name);
            }
        }
    }
    for name in ["process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds"] {
        assert!(scrape.names.contains(name), "{name} is missing: {}", scrape.text);
    }
}

/// Whatever somebody makes up: paths, methods, headers, logins, ids.
async fn what_is_made_up_adds_no_series_and_is_shown_nowhere(profile: Profile) {
    let server = Server::start_on(profile, &[ADMIN[0], ADMIN[1], ("LECTERN_RATE_LIMITS", "off")]).await;
    let root = Account::log_in(&server, "root").await;
    let storm = async |round: u32, count: u32| {
        for number in 0..count {
            let word = format!("s3cr3t{round}x{number}");
            let method: Method = format!("BREW{round}X{number}").parse().unwrap();
            let made_up = [
                server.client.get(server.url(&format!("/{word}/{word}?{word}={word}"))),
                server.client.request(method, server.url("/v1/me")),
                server.client.get(server.url("/v1/me")).header("User-Agent", &word).header("Host", &word),
                root.request(&server, Method::GET, &format!("/v1/users/{word}")),
                server.client.post(server.url("/v1/auth/login")).json(&json!({
                    "login": word, "password": word
                })),
            ];
            for request in made_up {
                let status = request.send().await.unwrap().status();
                assert!(status.is_client_error(), "{status}");
            }
        }
    };
    storm(1, 1).await;
    let before = Scrape::of(&server).await;
    // The first scrape is not in what it says.
    let before: BTreeSet<_> = before.series().union(&Scrape::of(&server).await.series()).cloned().collect();
    storm(2, 100).await;
    let after = Scrape::of(&server).await;
    let added: BTreeSet<_> = after.series().difference(&before).cloned().collect();
    assert_eq!(added, BTreeSet::new());

    let tokens = root.into_tokens();
    let secrets = ["s3cr3t", "BREW", "127.0.0.1", "root", Account::PASSWORD];
    for secret in secrets.into_iter().chain(tokens.iter().map(String::as_str)) {
        assert!(!after.text.contains(secret), "{secret} is in {}", after.text);
    }
}

/// What is sampled is there after a while; what is measured for each scrape is there at once.
async fn gauges_say_what_is_there(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let (database, pools, parts) = match profile {
        Profile::Embedded => ("sqlite", &["readers", "writer"][..], &["database", "audio"][..]),
        Profile::Scaled => ("postgres", &["shared"][..], &["database", "audio", "redis", "amqp"][..]),
    };
    let ada = Account::register(&server, "ada").await;
    ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let mut looks = interval(Duration::from_millis(200));
    let sampled = async {
        loop {
            looks.tick().await;
            let scrape = Scrape::of(&server).await;
            let is = |name: &str, labels: &[(&str, &str)], value| scrape.value(name, labels) == Some(value);
            let are_up = parts.iter().all(|part| is("lectern_part_up", &[("part", part)], 1.0));
            if are_up
                && is("lectern_jobs", &[("state", "waiting")], 1.0)
                && is("lectern_transcriptions_active", &[("state", "queued")], 1.0)
                && is("lectern_mails_waiting", &[], 0.0)
                && is("lectern_duty_held", &[("duty", "purge")], 1.0)
            {
                return scrape;
            }
        }
    };
    let scrape = timeout(PATIENCE, sampled).await;
    assert!(scrape.is_ok(), "{}", Scrape::of(&server).await.text);
    let scrape = scrape.unwrap();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        scrape.value("lectern_build_info", &[("version", version), ("database", database)]),
        Some(1.0)
    );
    for pool in pools {
        let connections =
            |state| scrape.value("lectern_database_connections", &[("pool", pool), ("state", state)]);
        let most = scrape.value("lectern_database_connections_max", &[("pool", pool)]).unwrap();
        let there = connections("in_use").unwrap() + connections("idle").unwrap();
        assert!((1.0..=most).contains(&there), "{there} of {most} in {pool}");
        let waited = scrape.value("lectern_database_connection_wait_seconds", &[("pool", pool)]);
        assert!(waited.unwrap() > 0.0, "{pool}");
    }
    assert_eq!(scrape.value("lectern_http_requests_in_flight", &[]), Some(1.0), "this one");
    assert_eq!(scrape.value("lectern_password_hashes_pending", &[]), Some(0.0));
}

#[tokio::test]
async fn with_a_token_metrics_are_for_its_holders() {
    let server = Server::start(&[("LECTERN_METRICS_TOKEN", "a-token-of-metrics")]).await;
    let ask = async |token: &str| {
        server.client.get(server.url("/metrics")).bearer_auth(token).send().await.unwrap().status()
    };
    assert_eq!(ask("another-token-of-metrics").await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask("a-token-of-metrics").await, StatusCode::OK);
}
