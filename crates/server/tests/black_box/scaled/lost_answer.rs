//! The connection to PostgreSQL breaks between a commit and its answer, so that nobody knows whether it happened. Whoever
//! sends the same again under the same key gets one thing.

use lectern_services::{Direction, Moment};
use serde_json::{Value, json};

use super::{
    cluster::{Cluster, Plan},
    keen::{Keen, new_key},
    parts::{Stand, Stands},
};
use crate::{client::Account, sound};

/// What a client sends to commit.
const COMMIT: &[u8] = b"COMMIT\0";
/// How often it is tried to break the commit of the request, and not that of something in the background.
const ROUNDS: u32 = 20;

async fn start() -> Cluster {
    let stands = Stands { postgresql: Stand::Proxied, ..Stands::default() };
    let settings = [("LECTERN_WORKER", "off")].into();
    Cluster::start(Plan { replicas: 1, stands, settings, ..Plan::default() }).await
}

/// Breaks the next connection that commits, as soon as PostgreSQL has read that it is to.
fn break_the_next_commit(cluster: &Cluster) {
    drop(cluster.parts.postgresql.proxy().cut_at(Direction::ToServer, COMMIT, Moment::After));
}

#[tokio::test]
async fn an_account_is_made_once() {
    let cluster = start().await;
    let root = Keen::sign_in(&cluster.entrances(), "root").await;
    let mut broken = 0;
    for round in 0..ROUNDS {
        let name = format!("client{round}");
        let stranger = Keen::stranger(&cluster.entrances(), &name);
        let body = json!({"username": name, "password": Account::PASSWORD});
        break_the_next_commit(&cluster);
        let made = stranger.create("/v1/auth/register", &body, &new_key()).await;
        broken += stranger.refusals().len();
        let found = root.get(&format!("/v1/users?search={name}&sort=username")).await;
        let id = made.get("id");
        let same = found.get("items").and_then(Value::as_array).unwrap();
        let same: Vec<_> = same.iter().filter(|user| user.get("username") == Some(&json!(name))).collect();
        assert_eq!(same.iter().map(|user| user.get("id")).collect::<Vec<_>>(), [id]);
    }
    assert!(broken > 0, "no commit was ever broken");
}

#[tokio::test]
async fn a_balance_is_changed_once() {
    let cluster = start().await;
    let root = Keen::sign_in(&cluster.entrances(), "root").await;
    let ada = Keen::register(&cluster.entrances(), "ada").await;
    for _ in 0..ROUNDS {
        break_the_next_commit(&cluster);
        root.pay(&ada, 7, &new_key()).await;
    }
    assert!(!root.refusals().is_empty(), "no commit was ever broken");
    ada.assert_all_there().await;
}

#[tokio::test]
async fn a_recording_is_kept_once_and_with_its_audio() {
    let cluster = start().await;
    let mut clients = Vec::new();
    for round in 0..ROUNDS {
        let client = Keen::register(&cluster.entrances(), &format!("client{round}")).await;
        break_the_next_commit(&cluster);
        client.upload(&sound::noise(11, round), &new_key()).await.unwrap();
        clients.push(client);
    }
    let mut broken = 0;
    for client in &clients {
        broken += client.refusals().len();
        client.assert_all_there().await;
    }
    assert!(broken > 0, "no commit was ever broken");
}
