//! Calling off what is being recognised.

use std::{fs, path::Path, time::Duration};

use reqwest::Method;
use serde_json::json;
use tokio::time::{interval, timeout};

use crate::{client::Account, server::Server, sound};

/// Processes whose parent is `parent` and whose program has that name.
fn children(parent: u32, program: &str) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        let stat = fs::read_to_string(Path::new("/proc").join(id.to_string()).join("stat"));
        let stat = stat.unwrap_or_default();
        // "id (name) state parent …": the name may hold anything but its own closing parenthesis.
        let Some((head, tail)) = stat.rsplit_once(')') else { return false };
        let mut fields = tail.split_whitespace();
        let state = fields.next();
        let is_child = fields.next() == Some(&parent.to_string());
        is_child && state != Some("Z") && head.contains(program)
    })
    .collect()
}

/// Waits until there are that many.
async fn until_children(parent: u32, program: &str, count: usize) {
    let mut ticks = interval(Duration::from_millis(10));
    while children(parent, program).len() != count {
        ticks.tick().await;
    }
}

#[tokio::test]
async fn a_cancel_ends_the_recogniser_within_a_second_and_the_state_is_cancelled() {
    let server =
        Server::start(&[("LECTERN_RECOGNIZER", "pocketsphinx"), ("LECTERN_CHUNK_SECONDS", "60")]).await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    // The kernel cuts names of programs at 15 characters.
    let program = "pocketsphinx_co";
    let recognising = until_children(server.process_id(), program, 1);
    timeout(Duration::from_secs(20), recognising).await.unwrap();

    let cancelled = ada.request(&server, Method::POST, &format!("{path}/cancel")).send().await.unwrap();
    assert_eq!(cancelled.status(), 200);
    let gone = timeout(Duration::from_secs(1), until_children(server.process_id(), program, 0)).await;
    assert!(gone.is_ok(), "the recogniser still runs: {}", server.log());
    assert_eq!(ada.get(&server, &path).await.get("state"), Some(&json!("cancelled")));

    // Nothing is in the way of trying again.
    let retried = ada.request(&server, Method::POST, &format!("{path}/retry")).send().await.unwrap();
    assert_eq!(retried.status(), 202);
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());
}

#[tokio::test]
async fn stopping_the_server_ends_the_recogniser_and_the_next_one_goes_on_at_once() {
    let mut server = Server::start(&[
        ("LECTERN_RECOGNIZER", "pocketsphinx"),
        ("LECTERN_CHUNK_SECONDS", "60"),
        // Far longer than the test may take: only a job that was given back can be done in time.
        ("LECTERN_LEASE_SECONDS", "3600"),
    ])
    .await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    let (program, id) = ("pocketsphinx_co", server.process_id());
    timeout(Duration::from_secs(20), until_children(id, program, 1)).await.unwrap();
    assert_eq!(server.terminate().await.code(), Some(0));
    server.restart().await;
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());
}
