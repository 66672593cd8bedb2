//! Backups of a service that goes on meanwhile, and what becomes of them.

mod keeping;
mod programs;
mod refusals;

use std::{
    path::{Path, PathBuf},
    process::Output,
    sync::Mutex,
    time::Duration,
};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use crate::{
    client::{ADMIN, Account},
    profile::{Profile, on_both_profiles},
    server::Server,
    sound,
};

on_both_profiles!(what_was_there_before_a_backup_under_load_is_there_after_a_restore);

/// A server with the administrator `root`, who is not limited.
async fn start(profile: Profile, settings: &[(&str, &str)]) -> Server {
    let settings = [&ADMIN[..], &[("LECTERN_RATE_LIMITS", "off")], settings].concat();
    Server::start_on(profile, &settings).await
}

/// The status that a command ended with, and all it said.
fn said(output: Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

/// Runs a command that must work: what it said.
async fn ok(server: &Server, arguments: &[&str]) -> String {
    let (code, said) = said(server.run(arguments).await);
    assert_eq!(code, Some(0), "{arguments:?}: {said}\n{}", server.log());
    said
}

/// Runs a command that must fail: what it said.
async fn refused(server: &Server, arguments: &[&str]) -> String {
    let (code, said) = said(server.run(arguments).await);
    assert_eq!(code, Some(1), "{arguments:?}: {said}");
    said
}

/// Takes a backup: its file, and what was said of it.
async fn take(server: &Server) -> (PathBuf, String) {
    let said = ok(server, &["backup"]).await;
    let (_, rest) = said.split_once("took ").unwrap();
    (PathBuf::from(rest.split_once(" (").unwrap().0), said)
}

/// What the former database is called, if there was one.
fn aside(restored: &str) -> Option<&str> {
    let (_, rest) = restored.split_once("the former database is ")?;
    Some(rest.split_once(" now;")?.0)
}

/// Removes a former database from a server that other tests use, too.
async fn forget(server: &Server, aside: &str) {
    if let Some(parts) = server.parts() {
        parts.administer(&format!("DROP DATABASE \"{aside}\"")).await;
    }
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The number before some words.
fn number_before(said: &str, words: &str) -> i64 {
    let (before, _) = said.split_once(words).unwrap();
    before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

/// All accounts: their names and balances.
async fn accounts(server: &Server, root: &Account) -> Vec<(String, i64)> {
    let mut found = Vec::new();
    for page in 1.. {
        let path = format!("/v1/users?size=200&page={page}&standing=active");
        let list = root.get(server, &path).await;
        let items = list.get("items").and_then(Value::as_array).unwrap().clone();
        found.extend(items.iter().map(|user| {
            let name = user.get("username").and_then(Value::as_str).unwrap().to_owned();
            (name, user.get("balance").and_then(Value::as_i64).unwrap())
        }));
        if items.len() < 200 {
            break;
        }
    }
    found
}

/// Registers people and pays Ada, one after the other, until it is told to stop; notes who was registered.
async fn write(
    server: &Server,
    root: &Account,
    ada: &str,
    made: &Mutex<Vec<String>>,
    stop: &CancellationToken,
) {
    for number in 0.. {
        let name = format!("writer{number}");
        let body = json!({"username": name, "password": Account::PASSWORD});
        let registered = server.client.post(server.url("/v1/auth/register")).json(&body).send().await;
        assert_eq!(registered.unwrap().status(), StatusCode::CREATED, "{}", server.log());
        let path = format!("/v1/users/{ada}/balance/entries");
        let body = json!({"amount": 3, "reason": "for being there"});
        let paid = root.request(server, Method::POST, &path).json(&body).send().await.unwrap();
        assert_eq!(paid.status(), StatusCode::CREATED, "{}", server.log());
        made.lock().unwrap().push(name);
        if stop.is_cancelled() {
            return;
        }
    }
}

async fn what_was_there_before_a_backup_under_load_is_there_after_a_restore(profile: Profile) {
    // A chunk takes a while, so that there is something going on.
    let settings = [
        ("LECTERN_RECOGNIZER", "command"),
        ("LECTERN_RECOGNIZER_COMMAND", "sh -c 'echo heard; sleep 1' {wav}"),
        ("LECTERN_CHUNK_SECONDS", "10"),
        ("LECTERN_LEASE_SECONDS", "5"),
    ];
    let mut server = start(profile, &settings).await;
    let root = Account::log_in(&server, "root").await;
    let (ada, bob) = (Account::register(&server, "ada").await, Account::register(&server, "bob").await);
    let finished = ada.upload(&server, sound::noise(25, 1), "audio/wav").await;
    assert_eq!(ada.watch(&server, &finished).await.as_deref(), Some("completed"), "{}", server.log());
    let transcript = ada.chunks(&server, &finished).await;
    let unfinished = bob.upload(&server, sound::noise(120, 2), "audio/wav").await;

    let (id, made, stop) = (ada.id(&server).await, Mutex::new(Vec::new()), CancellationToken::new());
    let backing_up = async {
        // There are some first.
        let mut looks = interval(Duration::from_millis(50));
        while made.lock().unwrap().len() < 5 {
            looks.tick().await;
        }
        let before = made.lock().unwrap().clone();
        let taken = take(&server).await;
        stop.cancel();
        (before, taken)
    };
    let ((), (before, (file, taken))) = tokio::join!(write(&server, &root, &id, &made, &stop), backing_up);

    let verified = ok(&server, &["backup", "--verify", "--audio"]).await;
    assert!(verified.contains("2 of 2 recordings are there, compared byte for byte"), "{verified}");

    server.terminate().await;
    ok(&server, &["db", "drop", "--yes"]).await;
    let restored = ok(&server, &["restore", shown(&file)]).await;
    if let Some(aside) = aside(&restored) {
        forget(&server, aside).await;
    }
    server.restart().await;

    let restored = accounts(&server, &root).await;
    assert_eq!(i64::try_from(restored.len()).unwrap(), number_before(&taken, " accounts"), "{taken}");
    let missing: Vec<_> =
        before.iter().filter(|name| !restored.iter().any(|(known, _)| known == *name)).collect();
    assert!(missing.is_empty(), "{missing:?} were registered before the backup began");
    let sum: i64 = restored.iter().map(|(_, balance)| balance).sum();
    let promised = taken.split_once("add up to ").unwrap().1.split_once(',').unwrap().0;
    assert_eq!(sum.to_string(), promised);
    assert!(sum >= 3 * i64::try_from(before.len()).unwrap());
    assert_eq!(ada.chunks(&server, &finished).await, transcript, "her token is good, her text is there");
    let found = ada.get(&server, "/v1/transcriptions?search=heard").await;
    assert_eq!(found.get("total"), Some(&json!(1)));
    assert_eq!(bob.watch(&server, &unfinished).await.as_deref(), Some("completed"), "{}", server.log());
    let events = root.get(&server, "/v1/audit-events?kind=database_restored").await;
    assert_eq!(events.get("total"), Some(&json!(1)));
}
