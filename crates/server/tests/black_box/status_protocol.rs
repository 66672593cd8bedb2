//! A real worker of lazy-lecture's, on real RabbitMQ, with the recordings in a folder: it knows nothing but its messages,
//! the folder, and where to report.

mod at_once;
mod worker;

use std::{fs, path::PathBuf, time::Duration};

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use tokio::time::{interval, timeout};

use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::Server,
    sound,
};
use worker::{Queue, Worker, state};

on_both_profiles!(
    a_worker_takes_a_job_and_brings_it_to_its_end,
    a_worker_whose_job_is_called_off_stops_and_leaves_what_it_has,
    a_worker_that_fails_three_times_is_asked_no_more,
    another_worker_goes_on_where_one_was_killed,
    a_server_that_was_killed_shows_the_right_recording_again,
);

/// The most that a recording may take to appear or to disappear: on several servers a duty of one that was killed goes to
/// another when its lease is over.
const PATIENCE: Duration = Duration::from_secs(90);

/// A server with a queue and a folder of recordings, and somebody with an account.
struct Scene {
    server: Server,
    queue: Queue,
    audio: TempDir,
    ada: Account,
}

impl Scene {
    async fn new(profile: Profile, variables: &[(&str, &str)]) -> Self {
        let (queue, audio) = (Queue::new(), TempDir::new().unwrap());
        let audio_url = format!("file://{}", audio.path().display());
        let own = [
            ("LECTERN_AMQP_URL", queue.url.as_str()),
            ("LECTERN_AMQP_QUEUE", &queue.name),
            ("LECTERN_AUDIO_URL", &audio_url),
            ("LECTERN_WORKER", "off"),
            ("LECTERN_CHUNK_SECONDS", "10"),
            ("LECTERN_ERROR_DELAY_SECONDS", "0.1"),
        ];
        let server = Server::start_on(profile, &[&own, variables].concat()).await;
        let ada = Account::register(&server, "ada").await;
        Self { server, queue, audio, ada }
    }

    /// Uploads a recording of three chunks: its bytes, and the path of its transcription.
    async fn upload(&self, seed: u32) -> (Vec<u8>, String) {
        let recording = sound::noise(25, seed);
        let path = self.ada.upload(&self.server, recording.clone(), "audio/wav").await;
        (recording, path)
    }

    async fn worker(&self) -> Worker {
        Worker::start(&self.server, &self.queue, self.audio.path()).await
    }

    /// Where the worker finds the recording of the first account.
    fn shelf(&self) -> PathBuf {
        self.audio.path().join("1.mp3")
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let mut looks = interval(Duration::from_millis(20));
        let waiting = async {
            while !holds() {
                looks.tick().await;
            }
        };
        assert!(timeout(PATIENCE, waiting).await.is_ok(), "not yet: {what}\n{}", self.server.log());
    }

    async fn until_gone(&self) {
        self.until("the recording is gone", || !self.shelf().exists()).await;
    }

    async fn cancel(&self, path: &str) {
        let cancelled = self.ada.request(&self.server, Method::POST, &format!("{path}/cancel")).send().await;
        assert_eq!(cancelled.unwrap().status(), StatusCode::OK);
    }

    async fn state(&self, path: &str) -> String {
        state(&self.ada.get(&self.server, path).await)
    }

    /// To be called at the end: queues outlive servers.
    async fn leave(mut self) {
        self.server.terminate().await;
        self.queue.remove().await;
    }
}

fn sha256(bytes: &[u8]) -> String {
    lectern_domain::transcription::Sha256(Sha256::digest(bytes).into()).to_string()
}

async fn a_worker_takes_a_job_and_brings_it_to_its_end(profile: Profile) {
    let scene = Scene::new(profile, &[("LECTERN_LOG", "trace")]).await;
    let mut worker = scene.worker().await;
    let (recording, path) = scene.upload(1).await;
    let began = worker.until("began").await;
    assert_eq!(began.get("job"), Some(&json!({"transcription_id": 1, "user_id": 1})));
    assert_eq!(began.get("sha256"), Some(&Value::from(sha256(&recording))));
    for _ in 0..3 {
        assert_eq!(worker.hear().await, "in_progress");
    }
    assert_eq!(state(&worker.until("ended").await), "completed");
    let texts = scene.ada.chunks(&scene.server, &path).await;
    assert_eq!(texts, [0, 1, 2].map(|number| (number, format!("words of chunk {number}"))));
    scene.until_gone().await;

    for hidden in ["/1.mp3", "/audio/1.mp3", "/v1/transcriptions/1.mp3"] {
        let found = scene.ada.request(&scene.server, Method::GET, hidden).send().await.unwrap();
        assert_eq!(found.status(), StatusCode::NOT_FOUND, "{hidden}");
    }
    let log = scene.server.log();
    assert!(log.contains("/worker/transcription_status"), "its requests are there");
    assert!(!log.contains(&scene.server.worker_token()), "its secret is not");
    scene.leave().await;
}

async fn a_worker_whose_job_is_called_off_stops_and_leaves_what_it_has(profile: Profile) {
    let scene = Scene::new(profile, &[]).await;
    let mut worker = scene.worker().await;
    let (_, path) = scene.upload(1).await;
    worker.until("began").await;
    worker.hear().await;
    scene.cancel(&path).await;
    scene.until_gone().await;
    worker.command("hear").await;
    assert_eq!(state(&worker.until("stopped").await), "completed_partially");
    assert_eq!(scene.ada.chunks(&scene.server, &path).await.len(), 2, "the last one too");

    let (second, _) = scene.upload(2).await;
    let began = worker.until("began").await;
    assert_eq!(began.get("sha256"), Some(&Value::from(sha256(&second))), "and not the first");
    scene.leave().await;
}

async fn a_worker_that_fails_three_times_is_asked_no_more(profile: Profile) {
    let scene = Scene::new(profile, &[]).await;
    let mut worker = scene.worker().await;
    let (_, path) = scene.upload(1).await;
    // A message that was given back comes again, and a job whose message was forgotten is announced anew.
    for (errors, command) in [(1, "fail and give back"), (2, "fail and forget")] {
        worker.until("began").await;
        worker.command(command).await;
        let failed = worker.until("failed").await;
        assert_eq!(
            (state(&failed), failed.get("errors")),
            ("processing_error".to_owned(), Some(&json!(errors)))
        );
    }
    worker.until("began").await;
    worker.command("fail and forget").await;
    assert_eq!(state(&worker.until("failed").await), "processing_fail");
    assert_eq!(scene.state(&path).await, "processing_fail");
    scene.until_gone().await;
    scene.leave().await;
}

async fn another_worker_goes_on_where_one_was_killed(profile: Profile) {
    let scene = Scene::new(profile, &[]).await;
    let mut first = scene.worker().await;
    let (_, path) = scene.upload(1).await;
    first.until("began").await;
    first.hear().await;
    first.kill().await;
    let mut second = scene.worker().await;
    second.until("began").await;
    for _ in 0..3 {
        assert_eq!(second.hear().await, "in_progress");
    }
    assert_eq!(state(&second.until("ended").await), "completed");
    assert_eq!(scene.state(&path).await, "completed");
    scene.leave().await;
}

async fn a_server_that_was_killed_shows_the_right_recording_again(profile: Profile) {
    let mut scene = Scene::new(profile, &[]).await;
    let (recording, _) = scene.upload(1).await;
    scene.until("the recording is there", || scene.shelf().exists()).await;
    scene.server.kill().await;
    // What a crash may leave: a name of the past, and another's recording under this one.
    fs::write(scene.audio.path().join("2.mp3"), "of the past").unwrap();
    fs::remove_file(scene.shelf()).unwrap();
    fs::write(scene.shelf(), "another's").unwrap();
    scene.server.restart().await;
    let is_right = || fs::read(scene.shelf()).is_ok_and(|found| found == recording);
    scene.until("the right recording is there", is_right).await;
    scene.until("the past is gone", || !scene.audio.path().join("2.mp3").exists()).await;
    scene.leave().await;
}
