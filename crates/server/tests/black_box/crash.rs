//! `kill -9`, again and again, in the middle of the work.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use lectern_services::Port;
use tokio::time::timeout;

use crate::{
    client::{ADMIN, Account},
    profile::{Profile, on_both_profiles},
    scaled::traffic::Traffic,
    server::Server,
    sound,
};

on_both_profiles!(clients_that_go_on_get_all_that_a_server_promised_before_it_was_killed);

/// Twice the lecture: two minutes, in pieces of five seconds.
const COPIES: usize = 2;
const CHUNKS: u64 = 24;

/// A random time of up to two seconds: from just after the start to after a piece or two. Five of them, less the time
/// that each restart waits for the lease to expire, are not enough to recognise two minutes, even on a machine three
/// times as fast as the ones that this was tried on.
fn random_moment() -> Duration {
    Duration::from_millis(RandomState::new().hash_one(()) % 2000)
}

#[tokio::test]
async fn five_kills_at_random_moments_lose_nothing_and_double_nothing() {
    let mut server = Server::start(&[
        ("LECTERN_RECOGNIZER", "pocketsphinx"),
        ("LECTERN_CHUNK_SECONDS", "5"),
        ("LECTERN_LEASE_SECONDS", "1"),
    ])
    .await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture().repeat(COPIES), "audio/mpeg").await;
    let mut moments = Vec::new();
    for _ in 0..5 {
        let moment = random_moment();
        moments.push(moment);
        // Nothing is waited for but the moment.
        let done = timeout(moment, ada.watch(&server, &path)).await;
        assert!(done.is_err(), "it was done before {moments:?}: {done:?}");
        server.kill().await;
        server.restart().await;
    }
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{moments:?} {}", server.log());
    let survived = ada.chunks(&server, &path).await;
    let numbers: Vec<_> = survived.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (0..CHUNKS).collect::<Vec<_>>(), "{moments:?}");

    // Nothing is in the way of the next upload, and nobody can tell from the text that anything happened. Where one
    // copy ends, the next begins, so the last piece of one copy is another.
    let again = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    assert_eq!(ada.watch(&server, &again).await.as_deref(), Some("completed"));
    let undisturbed = ada.chunks(&server, &again).await;
    let comparable = undisturbed.len() - 1;
    assert_eq!(survived.get(..comparable), undisturbed.get(..comparable), "{moments:?}");
}

async fn clients_that_go_on_get_all_that_a_server_promised_before_it_was_killed(profile: Profile) {
    let port = Port::free().unwrap();
    let listen = port.address().to_string();
    let settings = [
        ("LECTERN_LISTEN", listen.as_str()),
        ("LECTERN_LEASE_SECONDS", "1"),
        ("LECTERN_RATE_LIMITS", "off"),
        ("LECTERN_RECOGNIZER", "command"),
        ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}"),
    ];
    let settings: Vec<_> = settings.into_iter().chain(ADMIN).collect();
    let mut server = Server::start_on(profile, &settings).await;
    let traffic = Traffic::start(&[server.url("")], 3).await;
    for _ in 0..3 {
        traffic.goes_on().await;
        server.kill().await;
        server.restart().await;
    }
    traffic.goes_on().await;
    let clients = traffic.stop().await;
    let faults: Vec<_> = clients.refusals().iter().filter(|refusal| refusal.is_fault()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    clients.assert_all_there().await;
    clients.assert_all_transcribed().await;
}
