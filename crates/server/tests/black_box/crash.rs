//! `kill -9`, again and again, in the middle of the work.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use tokio::time::timeout;

use crate::{client::Account, server::Server, sound};

/// A random time of up to three seconds: from just after the start to after a few chunks.
fn random_moment() -> Duration {
    Duration::from_millis(RandomState::new().hash_one(()) % 3000)
}

#[tokio::test]
async fn five_kills_at_random_moments_lose_nothing_and_double_nothing() {
    let mut server = Server::start(&[
        ("LECTERN_RECOGNIZER", "pocketsphinx"),
        ("LECTERN_CHUNK_SECONDS", "10"),
        ("LECTERN_LEASE_SECONDS", "1"),
    ])
    .await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    let mut moments = Vec::new();
    for _ in 0..5 {
        let moment = random_moment();
        moments.push(moment);
        // Nothing is waited for but the moment; the recording is far too long to be done before the last.
        let done = timeout(moment, ada.watch(&server, &path)).await;
        assert!(done.is_err(), "it was done before {moments:?}: {done:?}");
        server.kill().await;
        server.restart().await;
    }
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{moments:?} {}", server.log());
    let survived = ada.chunks(&server, &path).await;
    let numbers: Vec<_> = survived.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (0..6).collect::<Vec<_>>(), "{moments:?}");

    // Nobody can tell from the text that anything happened, and nothing is in the way of the next upload.
    let again = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    assert_eq!(ada.watch(&server, &again).await.as_deref(), Some("completed"));
    assert_eq!(ada.chunks(&server, &again).await, survived, "{moments:?}");
}
