//! Calling off what is being recognised.

use std::{fs, time::Duration};

use reqwest::Method;
use serde_json::json;
use tokio::time::{interval, timeout};

use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::Server,
    sound,
};

on_both_profiles!(
    a_cancel_ends_the_recogniser_within_a_second_and_the_state_is_cancelled,
    stopping_the_server_ends_the_recogniser_and_the_next_one_goes_on_at_once,
);

/// What the kernel calls `pocketsphinx_continuous`: it cuts names of programs at 15 characters.
const RECOGNISER: &str = "pocketsphinx_co";

/// A process: who its parent is, and what program it runs.
struct Process {
    parent: String,
    program: String,
}

/// Reads the kernel's notes on a process. `None` if it is gone, or dead and only not yet buried by its parent.
fn process(id: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // "id (name) state parent …": the name may hold anything but its own closing parenthesis.
    let (head, tail) = stat.rsplit_once(')')?;
    let mut fields = tail.split_whitespace();
    let lives = !matches!(fields.next()?, "Z" | "X");
    let (parent, program) = (fields.next()?.to_owned(), head.split_once('(')?.1.to_owned());
    lives.then_some(Process { parent, program })
}

/// Processes whose parent is `parent` and whose program has that name.
fn children(parent: u32, program: &str) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        process(*id).is_some_and(|process| process.parent == parent.to_string() && process.program == program)
    })
    .collect()
}

/// Waits until there are that many.
async fn until_children(parent: u32, program: &str, count: usize) {
    let mut ticks = interval(Duration::from_millis(20));
    while children(parent, program).len() != count {
        ticks.tick().await;
    }
}

/// Waits until a recogniser is gone. Its number may be another program's by then.
async fn until_gone(id: u32) {
    let mut ticks = interval(Duration::from_millis(20));
    while process(id).is_some_and(|process| process.program == RECOGNISER) {
        ticks.tick().await;
    }
}

async fn a_cancel_ends_the_recogniser_within_a_second_and_the_state_is_cancelled(profile: Profile) {
    let server =
        Server::start_on(profile, &[("LECTERN_RECOGNIZER", "pocketsphinx"), ("LECTERN_CHUNK_SECONDS", "60")])
            .await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    let recognising = until_children(server.process_id(), RECOGNISER, 1);
    timeout(Duration::from_secs(20), recognising).await.unwrap();

    let cancelled = ada.request(&server, Method::POST, &format!("{path}/cancel")).send().await.unwrap();
    assert_eq!(cancelled.status(), 200);
    let gone = timeout(Duration::from_secs(1), until_children(server.process_id(), RECOGNISER, 0)).await;
    assert!(gone.is_ok(), "the recogniser still runs: {}", server.log());
    assert_eq!(ada.get(&server, &path).await.get("state"), Some(&json!("cancelled")));

    // Nothing is in the way of trying again.
    let retried = ada.request(&server, Method::POST, &format!("{path}/retry")).send().await.unwrap();
    assert_eq!(retried.status(), 202);
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());
}

async fn stopping_the_server_ends_the_recogniser_and_the_next_one_goes_on_at_once(profile: Profile) {
    let mut server = Server::start_on(
        profile,
        &[
            ("LECTERN_RECOGNIZER", "pocketsphinx"),
            ("LECTERN_CHUNK_SECONDS", "60"),
            // Far longer than the test may take: only a job that was given back can be done in time.
            ("LECTERN_LEASE_SECONDS", "3600"),
        ],
    )
    .await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    let id = server.process_id();
    timeout(Duration::from_secs(20), until_children(id, RECOGNISER, 1)).await.unwrap();
    let recogniser = children(id, RECOGNISER)[0];
    assert_eq!(server.terminate().await.code(), Some(0));
    let gone = timeout(Duration::from_secs(1), until_gone(recogniser)).await;
    assert!(gone.is_ok(), "the recogniser outlives the server: {}", server.log());
    server.restart().await;
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());
}
