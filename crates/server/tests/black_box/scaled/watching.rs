//! Server-sent events that are watched on one replica after the other.

use std::{collections::BTreeMap, fs, time::Duration};

use reqwest::Method;
use serde_json::Value;
use tokio::time::timeout;

use super::cluster::{Cluster, Plan};
use crate::{client::Account, server::Server, sound};

/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_mins(1);

/// Events of a transcription, as far as they were read.
#[derive(Default)]
struct Watched {
    last_id: Option<String>,
    /// How often each chunk was told, by its number.
    chunks: BTreeMap<u64, u32>,
    state: Option<String>,
}

impl Watched {
    /// Reads on, from where it was left, until `is_enough` or the server ends it.
    async fn read(&mut self, server: &Server, by: &Account, path: &str, is_enough: impl Fn(&Self) -> bool) {
        let mut request = by.request(server, Method::GET, &format!("{path}/events"));
        if let Some(id) = &self.last_id {
            request = request.header("Last-Event-ID", id);
        }
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{}", server.log());
        let mut text = String::new();
        while !is_enough(self) {
            let Some(piece) = timeout(PATIENCE, response.chunk()).await.unwrap().unwrap() else { return };
            text.push_str(std::str::from_utf8(&piece).unwrap());
            while let Some((frame, rest)) = text.split_once("\n\n") {
                self.note(frame);
                text = rest.to_owned();
            }
        }
    }

    fn note(&mut self, frame: &str) {
        let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
        let data: Value = field("data: ").map(|data| serde_json::from_str(data).unwrap()).unwrap_or_default();
        match field("event: ") {
            Some("chunk") => {
                let number = data.get("number").and_then(Value::as_u64).unwrap();
                *self.chunks.entry(number).or_default() += 1;
            }
            Some("state") => {
                self.state = data.get("state").and_then(Value::as_str).map(ToOwned::to_owned);
            }
            _ => {}
        }
        self.last_id = field("id: ").map(ToOwned::to_owned).or_else(|| self.last_id.take());
    }
}

#[tokio::test]
async fn whoever_watches_resumes_on_another_replica_without_loss_or_repetition() {
    const CHUNKS: u64 = 30;
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("recognise.sh");
    fs::write(&script, "sleep 0.2\necho heard").unwrap();
    let command = format!("sh {} {{wav}}", script.display());
    let settings = [
        ("LECTERN_RECOGNIZER", "command"),
        ("LECTERN_RECOGNIZER_COMMAND", command.as_str()),
        ("LECTERN_CHUNK_SECONDS", "1"),
        ("LECTERN_LEASE_SECONDS", "1"),
    ];
    let mut cluster =
        Cluster::start(Plan { replicas: 2, settings: settings.into(), ..Plan::default() }).await;
    let ada = Account::register(&cluster.replicas[0], "ada").await;
    let path = ada.upload(&cluster.replicas[1], sound::noise(30, 1), "audio/wav").await;
    let mut watched = Watched::default();
    for so_many in [5, 10, 15] {
        watched.read(&cluster.replicas[0], &ada, &path, |seen| seen.chunks.len() >= so_many).await;
        cluster.replicas[0].kill().await;
        cluster.replicas[0].restart().await;
        cluster.replicas.swap(0, 1);
    }
    watched.read(&cluster.replicas[0], &ada, &path, |_| false).await;
    assert_eq!(watched.state.as_deref(), Some("completed"));
    let once_each: BTreeMap<_, _> = (0..CHUNKS).map(|number| (number, 1)).collect();
    assert_eq!(watched.chunks, once_each);
}
