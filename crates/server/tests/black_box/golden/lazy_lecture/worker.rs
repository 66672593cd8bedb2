//! The rows of the worker.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::{interval, timeout};

use crate::{
    client::Account,
    golden::Golden,
    profile::{Profile, on_both_profiles},
    sound,
};

on_both_profiles!(
    a_worker_reports_what_it_does,
    a_worker_is_refused_what_it_may_not,
    a_worker_reads_how_far_a_transcription_is,
    a_worker_whose_job_was_called_off_has_a_last_word,
    a_worker_fails_three_times,
);

const TOKEN: &str = "the-worker-token";
const STATUS: &str = "/worker/transcription_status";

/// A server with a recording of three chunks, the last one shorter, that nobody works on.
struct Scene {
    golden: Golden,
    ada: Account,
    /// The path of the transcription in v1.
    path: String,
}

impl Scene {
    async fn new(profile: Profile) -> Self {
        let variables =
            [("LECTERN_WORKER", "off"), ("LECTERN_WORKER_TOKEN", TOKEN), ("LECTERN_CHUNK_SECONDS", "10")];
        let golden = Golden::start("lazy-lecture", profile, &variables).await;
        let ada = Account::register(&golden.server, "ada").await;
        let path = ada.upload(&golden.server, sound::noise(25, 1), "audio/wav").await;
        Self { golden, ada, path }
    }

    /// A report with the token in the query.
    fn post(&self, body: &Value) -> RequestBuilder {
        self.golden.request(Method::POST, &format!("{STATUS}?secret_worker_token={TOKEN}")).json(body)
    }

    /// A report that has to be before a row's request makes sense.
    async fn reported(&self, body: Value) {
        assert_eq!(self.golden.prepare(self.post(&body)).await.status, StatusCode::OK);
    }

    /// Another worker takes the job. It is passed over while somebody looks at it, such as whoever was just refused.
    async fn leased_by_another(&self) {
        let mut tries = interval(Duration::from_millis(20));
        let leased = async {
            loop {
                tries.tick().await;
                let lease = self.golden.request(Method::POST, "/v1/worker/jobs/lease").bearer_auth(TOKEN);
                let answer = self.golden.prepare(lease.json(&json!({"worker": "another"}))).await;
                if answer.status == StatusCode::OK {
                    break;
                }
            }
        };
        assert!(timeout(Duration::from_secs(30), leased).await.is_ok(), "{}", self.golden.server.log());
    }

    async fn cancel(&self) {
        let path = format!("{}/cancel", self.path);
        let cancelled = self.ada.request(&self.golden.server, Method::POST, &path).send().await.unwrap();
        assert_eq!(cancelled.status(), StatusCode::OK);
    }
}

async fn a_worker_reports_what_it_does(profile: Profile) {
    let scene = Scene::new(profile).await;
    let golden = &scene.golden;
    golden.exchange("worker-status.only-the-id", scene.post(&json!({"transcription_id": 1}))).await;
    let begins = json!({"transcription_id": 1, "current_state": "in_progress"});
    golden.exchange("worker-status", scene.post(&begins)).await;
    let chunk = json!({"transcription_id": 1, "new_chunk": {"text": "the first words", "chunk_no": 0}});
    golden.exchange("worker-status.chunk", scene.post(&chunk)).await;
    let in_header = golden.request(Method::POST, STATUS).header("X-Worker-Token", TOKEN);
    let again =
        json!({"transcription_id": 1, "new_chunk": {"text": "the first words, heard better", "chunk_no": 0}});
    golden.exchange("worker-status.chunk-again", in_header.json(&again)).await;
    let chunk = json!({"transcription_id": 1, "new_chunk": {"text": "and more", "chunk_no": 1}});
    scene.reported(chunk).await;
    let last = json!({
        "transcription_id": 1,
        "current_state": "completed",
        "new_chunk": {"text": "and the last", "chunk_no": 2},
    });
    golden.exchange("worker-status.completed", scene.post(&last)).await;
    let chunks = scene.ada.chunks(&golden.server, &scene.path).await;
    let expected = [(0, "the first words, heard better"), (1, "and more"), (2, "and the last")];
    assert_eq!(chunks, expected.map(|(number, text)| (number, text.to_owned())));
}

async fn a_worker_is_refused_what_it_may_not(profile: Profile) {
    let scene = Scene::new(profile).await;
    let golden = &scene.golden;
    let begins = json!({"transcription_id": 1, "current_state": "in_progress"});
    let with = |query: &str| golden.request(Method::POST, &format!("{STATUS}{query}")).json(&begins);
    golden.exchange("worker-status-refused", with("?secret_worker_token=a-guess")).await;
    golden.exchange("worker-status-refused.no-token", with("")).await;
    let unknown = json!({"transcription_id": 2, "current_state": "in_progress"});
    golden.exchange("worker-status-refused.unknown", scene.post(&unknown)).await;
    golden
        .exchange("worker-status-refused.no-id", scene.post(&json!({"current_state": "in_progress"})))
        .await;
    let state = json!({"transcription_id": 1, "current_state": "on_its_way"});
    golden.exchange("worker-status-refused.no-such-state", scene.post(&state)).await;
    let beyond = json!({"transcription_id": 1, "new_chunk": {"text": "too late", "chunk_no": 3}});
    golden.exchange("worker-status-refused.chunk-out-of-range", scene.post(&beyond)).await;
    let ends = json!({"transcription_id": 1, "current_state": "completed"});
    golden.exchange("worker-status-refused.forbidden-transition", scene.post(&ends)).await;
    scene.leased_by_another().await;
    golden.exchange("worker-status-refused.another-worker-has-it", scene.post(&begins)).await;
}

async fn a_worker_reads_how_far_a_transcription_is(profile: Profile) {
    let scene = Scene::new(profile).await;
    let golden = &scene.golden;
    let get = |query: &str| golden.request(Method::GET, &format!("{STATUS}?{query}"));
    let row = get(&format!("transcription_id=1&secret_worker_token={TOKEN}"));
    golden.exchange("worker-status-get", row).await;
    let in_header = get("transcription_id=1").header("X-Worker-Token", TOKEN);
    golden.exchange("worker-status-get.header", in_header).await;
    golden.exchange("worker-status-get.wrong", get("transcription_id=1&secret_worker_token=a-guess")).await;
    golden.exchange("worker-status-get.no-id", get(&format!("secret_worker_token={TOKEN}"))).await;
    let unknown = get(&format!("transcription_id=2&secret_worker_token={TOKEN}"));
    golden.exchange("worker-status-get.unknown", unknown).await;
}

async fn a_worker_whose_job_was_called_off_has_a_last_word(profile: Profile) {
    let scene = Scene::new(profile).await;
    let golden = &scene.golden;
    scene.reported(json!({"transcription_id": 1, "new_chunk": {"text": "words", "chunk_no": 0}})).await;
    scene.cancel().await;
    golden.exchange("worker-status.is-told", scene.post(&json!({"transcription_id": 1}))).await;
    let last = json!({
        "transcription_id": 1,
        "current_state": "completed_partially",
        "new_chunk": {"text": "the last words", "chunk_no": 1},
    });
    golden.exchange("worker-status.last-word", scene.post(&last)).await;

    let scene = Scene::new(profile).await;
    scene.reported(json!({"transcription_id": 1, "current_state": "in_progress"})).await;
    scene.cancel().await;
    let stops = json!({"transcription_id": 1, "current_state": "cancelled"});
    scene.golden.exchange("worker-status.stopped-with-nothing", scene.post(&stops)).await;
    drop(scene);

    let scene = Scene::new(profile).await;
    scene.reported(json!({"transcription_id": 1, "new_chunk": {"text": "words", "chunk_no": 0}})).await;
    scene.golden.exchange("worker-status.stopped-with-something", scene.post(&stops)).await;
}

async fn a_worker_fails_three_times(profile: Profile) {
    let scene = Scene::new(profile).await;
    let fails = json!({"transcription_id": 1, "current_state": "processing_error"});
    scene.golden.exchange("worker-status.first-error", scene.post(&fails)).await;
    scene.reported(json!({"transcription_id": 1, "current_state": "in_progress"})).await;
    scene.reported(fails.clone()).await;
    scene.golden.exchange("worker-status.third-error", scene.post(&fails)).await;
}
