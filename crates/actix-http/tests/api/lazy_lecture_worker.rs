//! The status protocol of lazy-lecture's worker.

use lectern_domain::{access::Permission, transcription::StateName};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::server::{Server, WORKER_TOKEN};

const STATUS: &str = "/worker/transcription_status";

/// A server with one recording of two and a half minutes, cut into minutes.
struct Scene {
    server: Server,
    number: i64,
    owner: i64,
}

impl Scene {
    async fn new() -> Self {
        let server = Server::start();
        let ada = server.world.register_user("ada").await;
        let number = server.world.upload(&ada, 150).await.transcription.parts().number.0;
        let owner = server.world.read_own_account().execute(&ada).await.unwrap().user.parts().number.0;
        Self { server, number, owner }
    }

    /// A report with the worker token.
    fn post(&self, body: &Value) -> RequestBuilder {
        self.server.post(&with_token(STATUS, WORKER_TOKEN)).json(body)
    }

    async fn report(&self, fields: Value) -> (StatusCode, Value) {
        let mut body = json!({"transcription_id": self.number});
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        answer(self.post(&body)).await
    }

    /// The path of a look.
    fn path(&self) -> String {
        format!("{STATUS}?transcription_id={}", self.number)
    }

    fn get(&self) -> RequestBuilder {
        self.server.get(&self.path())
    }

    /// A look with this token in the query.
    fn get_with(&self, token: &str) -> RequestBuilder {
        self.server.get(&with_token(&self.path(), token))
    }
}

/// The path with the token in its query. Tokens here have no characters to escape but blanks.
fn with_token(path: &str, token: &str) -> String {
    let separator = if path.contains('?') { '&' } else { '?' };
    format!("{path}{separator}secret_worker_token={}", token.replace(' ', "+"))
}

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

fn detail(text: &str) -> Value {
    json!({"detail": text})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_answers_the_transcription_with_integer_ids_and_naive_times() {
    let scene = Scene::new().await;
    let (status, body) = scene.report(json!({"current_state": "in_progress"})).await;
    let expected = json!({"transcription": {
        "id": scene.number,
        "creator_id": scene.owner,
        "audio_len_secs": 150.0,
        "chunk_size_secs": 60,
        "current_state": "in_progress",
        "error_count": 0,
        "create_date": "2026-01-01T00:00:00.000000",
        "update_date": "2026-01-01T00:00:00.000000",
    }});
    assert_eq!((status, body), (StatusCode::OK, expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_with_the_id_alone_reads_the_state_as_get_does() {
    let scene = Scene::new().await;
    let read = scene.report(json!({})).await;
    assert_eq!(read.1.pointer("/transcription/current_state"), Some(&json!("queued")));
    let got = answer(scene.get_with(WORKER_TOKEN)).await;
    assert_eq!(got, read);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_may_be_in_a_header() {
    let scene = Scene::new().await;
    let (status, _) = answer(scene.get().header("X-Worker-Token", WORKER_TOKEN)).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_refused_before_the_body_is_looked_at() {
    let scene = Scene::new().await;
    let account = scene.server.token_of("eve").await;
    let admin = scene.server.token_of_holder("root_like", &Permission::KNOWN).await;
    for wrong in ["", "garbage", &account, &admin] {
        let body = json!({"nothing": "right"});
        let request = scene.server.post(&with_token(STATUS, wrong)).json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers().get("www-authenticate").unwrap(), "Bearer");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.json::<Value>().await.unwrap(), detail("Wrong worker token"));
        let refused = (StatusCode::UNAUTHORIZED, detail("Wrong worker token"));
        assert_eq!(answer(scene.get().header("X-Worker-Token", wrong)).await, refused);
        assert_eq!(answer(scene.get_with(wrong)).await, refused);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_in_the_query_is_not_made_good_by_the_header() {
    let scene = Scene::new().await;
    let request = scene.get_with("garbage").header("X-Worker-Token", WORKER_TOKEN);
    assert_eq!(answer(request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_token_it_is_told_which_parameter_is_missing() {
    let scene = Scene::new().await;
    let missing = json!({"detail": [
        {"type": "missing", "loc": ["query", "secret_worker_token"], "msg": "Field required", "input": null}
    ]});
    assert_eq!(answer(scene.get()).await, (StatusCode::UNPROCESSABLE_ENTITY, missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_token_is_not_one_of_this_protocol() {
    let scene = Scene::new().await;
    let (status, _) = answer(scene.get().bearer_auth(WORKER_TOKEN)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_number_is_not_found() {
    let scene = Scene::new().await;
    for number in [scene.number + 1, 0, -1, i64::MAX] {
        let (status, _) = answer(scene.post(&json!({"transcription_id": number}))).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunk_beyond_the_recording_is_told_with_both_numbers() {
    let scene = Scene::new().await;
    let refused = scene.report(json!({"new_chunk": {"text": "x", "chunk_no": 3}})).await;
    let expected = detail("Chunk no is bigger than max chunk no 3 > 2");
    assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, expected));
    let (last, _) = scene.report(json!({"new_chunk": {"text": "x", "chunk_no": 2}})).await;
    assert_eq!(last, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_of_states_forbids_is_a_conflict() {
    let scene = Scene::new().await;
    for state in ["completed", "queued", "processing_fail"] {
        let (status, body) = scene.report(json!({"current_state": state})).await;
        assert_eq!(status, StatusCode::CONFLICT, "{state}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_somebody_leased_is_a_conflict() {
    let scene = Scene::new().await;
    scene.server.world.lease().await;
    let refused = scene.report(json!({"current_state": "in_progress"})).await;
    assert_eq!(refused, (StatusCode::CONFLICT, detail("another worker has this job")));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_fields_are_named() {
    let scene = Scene::new().await;
    for (fields, path) in [
        (json!({"current_state": "on_its_way"}), json!(["body", "current_state"])),
        (json!({"current_state": 5}), json!(["body", "current_state"])),
        (json!({"transcription_id": "one"}), json!(["body", "transcription_id"])),
        (json!({"new_chunk": {"text": "x", "chunk_no": -1}}), json!(["body", "new_chunk", "chunk_no"])),
        (
            json!({"new_chunk": {"text": "x", "chunk_no": 5_000_000_000_u64}}),
            json!(["body", "new_chunk", "chunk_no"]),
        ),
        (json!({"new_chunk": {"chunk_no": 0}}), json!(["body", "new_chunk", "text"])),
        (
            json!({"new_chunk": {"text": "x".repeat(300_000), "chunk_no": 0}}),
            json!(["body", "new_chunk", "text"]),
        ),
    ] {
        let (status, body) = scene.report(fields).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(body.pointer("/detail/0/loc"), Some(&path), "{body}");
    }
    let (status, body) = answer(scene.post(&json!({}))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(body.pointer("/detail/0/loc"), Some(&json!(["body", "transcription_id"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn nulls_are_as_good_as_nothing() {
    let scene = Scene::new().await;
    let (status, body) = scene.report(json!({"current_state": null, "new_chunk": null})).await;
    assert_eq!(status, StatusCode::OK);
    let state = body.pointer("/transcription/current_state").and_then(Value::as_str);
    assert_eq!(state, Some(StateName::Queued.as_str()));
}
