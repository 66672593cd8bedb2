//! Some clients at once, who do what clients do, until they are told to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::{
    task::JoinHandle,
    time::{interval, timeout},
};
use tokio_util::sync::CancellationToken;

use super::answer::Refusal;
use super::keen::{Keen, new_key};
use crate::sound;

/// How long all clients may take to get on by a round.
const PATIENCE: Duration = Duration::from_secs(90);

/// Clients that run.
pub(crate) struct Traffic {
    /// Who pays them.
    root: Arc<Keen>,
    stop: CancellationToken,
    clients: Vec<(Client, JoinHandle<()>)>,
}

/// One of them.
#[derive(Clone)]
struct Client {
    keen: Arc<Keen>,
    rounds: Arc<AtomicUsize>,
}

/// What is known when they have stopped.
pub(crate) struct Stopped {
    refusals: Vec<Refusal>,
    clients: Vec<Arc<Keen>>,
}

impl Traffic {
    /// Starts so many clients of a service with the administrator `root`.
    pub(crate) async fn start(entrances: &[String], clients: usize) -> Self {
        let root = Arc::new(Keen::sign_in(entrances, "root").await);
        let stop = CancellationToken::new();
        let clients = (0..clients).map(async |number| {
            let keen = Keen::register(entrances, &format!("client{number}")).await;
            let client = Client { keen: Arc::new(keen), rounds: Arc::default() };
            let running = tokio::spawn(client.clone().run(Arc::clone(&root), stop.clone()));
            (client, running)
        });
        let clients = join_all(clients).await;
        Self { root, stop, clients }
    }

    /// Waits until every client has done all that it does twice from now on, so that once at least it did so
    /// in what the service is like now.
    pub(crate) async fn goes_on(&self) {
        let goals: Vec<_> = self.clients.iter().map(|(client, _)| client.count() + 2).collect();
        let mut looks = interval(Duration::from_millis(20));
        let on = async {
            while self.clients.iter().zip(&goals).any(|((client, _), goal)| client.count() < *goal) {
                looks.tick().await;
                let has_ended = self.clients.iter().any(|(_, running)| running.is_finished());
                assert!(!has_ended, "a client has failed");
            }
        };
        assert!(timeout(PATIENCE, on).await.is_ok(), "clients are stuck");
    }

    /// What they were refused so far.
    pub(crate) fn refusals(&self) -> Vec<Refusal> {
        let clients = self.clients.iter().flat_map(|(client, _)| client.keen.refusals());
        clients.chain(self.root.refusals()).collect()
    }

    /// Waits until as much is refused from now on as there are clients.
    pub(crate) async fn is_refused(&self) {
        let goal = self.refusals().len() + self.clients.len();
        let mut looks = interval(Duration::from_millis(20));
        let refused = async {
            while self.refusals().len() < goal {
                looks.tick().await;
            }
        };
        assert!(timeout(PATIENCE, refused).await.is_ok(), "clients notice nothing");
    }

    /// Lets them finish what they are at.
    pub(crate) async fn stop(mut self) -> Stopped {
        self.stop.cancel();
        let mut clients = Vec::new();
        for (client, running) in &mut self.clients {
            running.await.unwrap();
            clients.push(Arc::clone(&client.keen));
        }
        Stopped { refusals: self.refusals(), clients }
    }
}

impl Client {
    fn count(&self) -> usize {
        self.rounds.load(Ordering::SeqCst)
    }

    async fn run(self, root: Arc<Keen>, stop: CancellationToken) {
        let keen = &self.keen;
        let mut round = 0;
        while !stop.is_cancelled() {
            round += 1;
            root.pay(keen, 1, &new_key()).await;
            keen.refresh().await;
            let name = json!({"first_name": format!("Round {round}")});
            let (status, answer) = keen.ask(Method::PATCH, "/v1/me", Some(&name), None).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            keen.until_it_reads("/v1/me", "first_name", &name).await;
            // While the recording before is being transcribed, the next one has to wait.
            if let Err(code) = keen.upload(&sound::noise(11, round), &new_key()).await {
                assert_eq!(code, "transcription_active");
            }
            keen.get("/v1/transcriptions").await;
            self.rounds.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Stopped {
    /// Everything that they were refused.
    pub(crate) fn refusals(&self) -> &[Refusal] {
        &self.refusals
    }

    /// What was promised is there.
    pub(crate) async fn assert_all_there(&self) {
        for client in &self.clients {
            client.assert_all_there().await;
        }
    }

    /// And it is transcribed.
    pub(crate) async fn assert_all_transcribed(&self) {
        for client in &self.clients {
            client.assert_all_transcribed().await;
        }
    }
}
