//! Lines of the log: whose they are, and what they say of statements that are slow.

use std::time::Duration;

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{Instant, interval, interval_at, timeout},
};
use tokio_postgres::NoTls;

use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::Server,
    sound,
};

/// The most that a line may take before a test gives up.
const PATIENCE: Duration = Duration::from_mins(2);
/// For how long a statement is kept waiting.
const HELD: Duration = Duration::from_secs(1);

on_both_profiles!(
    a_slow_statement_is_logged_under_its_requests_id_and_without_its_values,
    what_a_use_case_logs_has_the_requests_id,
    what_a_worker_logs_has_the_jobs_transcription,
);

fn request_id(answer: &Response) -> String {
    answer.headers().get("x-request-id").unwrap().to_str().unwrap().to_owned()
}

/// The lines of the log that say this.
fn lines(server: &Server, message: &str) -> Vec<Value> {
    let log = server.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get("message") == Some(&json!(message))).collect()
}

/// The outermost span of a line.
fn outermost(line: &Value) -> &Value {
    line.pointer("/spans/0").or_else(|| line.get("span")).unwrap_or(&Value::Null)
}

/// Waits until a line says this, of which `wanted` holds.
async fn line(server: &Server, message: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut looks = interval(Duration::from_millis(50));
    let found = timeout(PATIENCE, async {
        loop {
            looks.tick().await;
            if let Some(line) = lines(server, message).into_iter().find(|line| wanted(line)) {
                return line;
            }
        }
    });
    let found = found.await;
    assert!(found.is_ok(), "no such line: {}", server.log());
    found.unwrap()
}

/// Keeps everybody from writing accounts for a while.
async fn hold(server: &Server) -> JoinHandle<()> {
    match server.parts() {
        None => {
            let file = server.data_dir().join("lectern.db");
            let mut held = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
            held.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").unwrap();
            tokio::spawn(async move {
                interval_at(Instant::now() + HELD, HELD).tick().await;
                spawn_blocking(move || held.batch_execute("ROLLBACK").unwrap()).await.unwrap();
            })
        }
        Some(parts) => {
            let settings = parts.settings();
            let (_, url) = settings.iter().find(|(name, _)| name == "LECTERN_DATABASE_URL").unwrap();
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
            tokio::spawn(async move {
                interval_at(Instant::now() + HELD, HELD).tick().await;
                client.batch_execute("ROLLBACK").await.unwrap();
            })
        }
    }
}

/// The request may come late to where it has to wait, so it is tried until it did.
async fn a_slow_statement_is_logged_under_its_requests_id_and_without_its_values(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_SLOW_QUERY_MS", "200")]).await;
    let slow = timeout(PATIENCE, async {
        for number in 0.. {
            let holding = hold(&server).await;
            let body = json!({"username": format!("s3cr3t{number}"), "password": Account::PASSWORD});
            let made = server.client.post(server.url("/v1/auth/register")).json(&body).send().await.unwrap();
            assert!(made.status() == 201 || made.status() == 503, "{}", server.log());
            let id = request_id(&made);
            holding.await.unwrap();
            let of_request = |line: &Value| outermost(line).get("id") == Some(&json!(id));
            let found = lines(&server, "a statement was slow").into_iter().find(of_request);
            if found.is_some() {
                return found;
            }
        }
        None
    });
    let slow = slow.await;
    assert!(slow.is_ok(), "{}", server.log());
    let slow = slow.unwrap().unwrap();
    assert_eq!(slow.get("level"), Some(&json!("WARN")));
    assert!(slow.get("duration_ms").and_then(Value::as_f64).unwrap() >= 200.0, "{slow}");
    assert_eq!(outermost(&slow).get("route"), Some(&json!("/v1/auth/register")), "{slow}");
    let statement = slow.get("statement").and_then(Value::as_str).unwrap();
    assert!(["BEGIN", "SELECT", "INSERT"].iter().any(|verb| statement.starts_with(verb)), "{statement}");
    assert!(!server.log().contains("s3cr3t"), "{}", server.log());
}

async fn what_a_use_case_logs_has_the_requests_id(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let ada = Account::register(&server, "ada").await;
    ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let ask = async |path: &str, body: Value| {
        let request = server.client.request(Method::POST, server.url(path)).json(&body);
        request.bearer_auth(server.worker_token()).send().await.unwrap()
    };
    let job: Value = ask("/v1/worker/jobs/lease", json!({"worker": "anna"})).await.json().await.unwrap();
    let id = job.get("id").and_then(Value::as_str).unwrap();
    let failed = ask(&format!("/v1/worker/jobs/{id}/fail"), json!({"reason": "out of breath"})).await;
    assert!(failed.status().is_success(), "{}", server.log());
    let id = request_id(&failed);
    let said = line(&server, "a worker failed", |_| true).await;
    assert_eq!(outermost(&said).get("id"), Some(&json!(id)), "{said}");
    assert_eq!(outermost(&said).get("name"), Some(&json!("request")), "{said}");
}

async fn what_a_worker_logs_has_the_jobs_transcription(profile: Profile) {
    let recogniser = [("LECTERN_RECOGNIZER", "command"), ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}")];
    let server = Server::start_on(profile, &recogniser).await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let closed = line(&server, "job closed", |_| true).await;
    let transcription = path.rsplit('/').next().unwrap();
    assert_eq!(outermost(&closed).get("name"), Some(&json!("job")), "{closed}");
    assert_eq!(outermost(&closed).get("transcription"), Some(&json!(transcription)), "{closed}");
}
