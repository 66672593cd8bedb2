//! Transcriptions over HTTP: shapes, files, ranges, events.

use std::time::Duration;

use lectern_testkit::world::steps::RECORDING;
use reqwest::{StatusCode, multipart};
use serde_json::{Value, json};

use super::server::{Server, problem};

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_queued_and_says_where_it_is() {
    let server = Server::start();
    let token = server.token_of("ada").await;
    server.world.probe.find(Duration::from_secs(150));
    let part = multipart::Part::bytes(b"sound".to_vec()).file_name("Lecture 7.mp3").mime_str("audio/mpeg");
    let form = multipart::Form::new().text("language", "en").text("title", "").part("audio", part.unwrap());
    let request = server.post("/v1/transcriptions").bearer_auth(&token).multipart(form);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let location = response.headers().get("location").unwrap().to_str().unwrap().to_owned();
    let body: Value = response.json().await.unwrap();
    let mut fields: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        [
            "audio_removed_at",
            "chunk_seconds",
            "chunks_done",
            "chunks_planned",
            "created_at",
            "description",
            "duration_seconds",
            "error_count",
            "finished_at",
            "id",
            "language",
            "number",
            "owner_id",
            "state",
            "title",
            "updated_at"
        ]
    );
    assert_eq!(body.get("title"), Some(&json!("Lecture 7")), "the file's name stands in");
    assert_eq!(body.get("chunks_planned"), Some(&json!(3)));
    let read: Value = server.get(&location).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    assert_eq!(read, body);
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_come_with_the_times_of_the_plan() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    let id = server.world.upload(&ada, 90).await.transcription.id().0;
    server.world.transcribe_next().await;
    let token = server.token_of("ada").await;
    let path = format!("/v1/transcriptions/{id}/chunks?size=1&page=2");
    let page: Value = server.get(&path).bearer_auth(token).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        page,
        json!({"page": 2, "size": 1, "total": 2, "pages": 2, "items": [
            {"number": 1, "start_seconds": 60.0, "end_seconds": 90.0, "text": "words of chunk 1", "segments": []}
        ]})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_a_file_named_after_the_title() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    let id = server.world.upload(&ada, 60).await.transcription.id();
    server.world.transcribe_next().await;
    let title = lectern_domain::transcription::Title::parse("a/b \"ü\" 7").unwrap();
    server.world.rename().execute(&ada, id, Some(title)).await.unwrap();
    let token = server.token_of("ada").await;
    let path = format!("/v1/transcriptions/{}/export?format=srt", id.0);
    let response = server.get(&path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(response.headers().get("content-type").unwrap(), "application/x-subrip; charset=utf-8");
    let disposition = response.headers().get("content-disposition").unwrap().to_str().unwrap();
    assert_eq!(
        disposition,
        "attachment; filename=\"transcript-1.srt\"; filename*=UTF-8''a_b%20_%C3%BC_%207.srt"
    );
    let path = path.replace("srt", "pdf");
    let refused = problem(server.get(&path).bearer_auth(&token).send().await.unwrap()).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_comes_back_whole_or_in_ranges() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    let id = server.world.upload(&ada, 60).await.transcription.id().0;
    let token = server.token_of("ada").await;
    let path = format!("/v1/transcriptions/{id}/audio");
    let get = |range: &str| server.get(&path).bearer_auth(&token).header("range", range);

    let whole = server.get(&path).bearer_auth(&token).send().await.unwrap();
    assert_eq!(
        (whole.status(), whole.content_length()),
        (StatusCode::OK, u64::try_from(RECORDING.len()).ok())
    );
    assert_eq!(whole.bytes().await.unwrap(), RECORDING);

    let part = get("bytes=4-9").send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers().get("content-range").unwrap(), &format!("bytes 4-9/{}", RECORDING.len()));
    assert_eq!(part.bytes().await.unwrap(), RECORDING.get(4..10).unwrap());

    let tail = get("bytes=-3").send().await.unwrap().bytes().await.unwrap();
    assert_eq!(tail, RECORDING.get(RECORDING.len() - 3..).unwrap());

    let beyond = problem(get("bytes=1000000-").send().await.unwrap()).await;
    assert_eq!(beyond, (StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable".to_owned()));
    let nonsense = get("lines=1-2").send().await.unwrap();
    assert_eq!(nonsense.status(), StatusCode::OK, "a range that can't be read is ignored (RFC 9110, 14.2)");
}

/// The events of a stream that ends: name, id and data of each.
async fn events(response: reqwest::Response) -> Vec<(String, u32, Value)> {
    assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
    let text = response.text().await.unwrap();
    let frames = text.split("\n\n").filter(|frame| frame.starts_with("event:"));
    frames
        .map(|frame| {
            let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            let data = serde_json::from_str(field("data: ")).unwrap();
            (field("event: ").to_owned(), field("id: ").parse().unwrap(), data)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_of_chunks_state_and_progress_and_resume() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    let id = server.world.upload(&ada, 90).await.transcription.id().0;
    server.world.transcribe_next().await;
    let token = server.token_of("ada").await;
    let path = format!("/v1/transcriptions/{id}/events");

    let all = events(server.get(&path).bearer_auth(&token).send().await.unwrap()).await;
    let names: Vec<_> = all.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["chunk", "chunk", "state", "progress"]);
    let [(_, first_chunk, _), _, (_, _, state), (_, _, progress)] = all.as_slice() else { unreachable!() };
    assert_eq!(state.get("state"), Some(&json!("completed")));
    assert_eq!(progress, &json!({"done": 2, "planned": 2, "eta_seconds": null}));

    let resumed = server.get(&path).bearer_auth(&token).header("last-event-id", first_chunk.to_string());
    let rest = events(resumed.send().await.unwrap()).await;
    let names: Vec<_> = rest.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["chunk", "state", "progress"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_can_be_taken_away_but_not_forgotten() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    let id = server.world.upload(&ada, 60).await.transcription.id().0;
    let token = server.token_of("ada").await;
    let patch = |body: Value| {
        let path = format!("/v1/transcriptions/{id}");
        server.request(reqwest::Method::PATCH, &path).bearer_auth(&token).json(&body).send()
    };
    let named: Value = patch(json!({"title": "Oceans"})).await.unwrap().json().await.unwrap();
    assert_eq!(named.get("title"), Some(&json!("Oceans")));
    let unnamed: Value = patch(json!({"title": null})).await.unwrap().json().await.unwrap();
    assert_eq!(unnamed.get("title"), Some(&Value::Null));
    assert_eq!(problem(patch(json!({})).await.unwrap()).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_was_kept_long_enough_is_gone_and_the_answers_say_so() {
    let server = Server::start();
    let ada = server.world.register_user("ada").await;
    let id = server.world.upload(&ada, 90).await.transcription.id();
    server.world.cancel().execute(&ada, id).await.unwrap();
    server.world.clock.advance(Duration::from_hours(24 * 365 + 1));
    assert_eq!(server.world.purge().execute().await.unwrap().audio, 1);
    let token = server.token_of("ada").await;
    let path = format!("/v1/transcriptions/{}", id.0);
    let body: Value = server.get(&path).bearer_auth(&token).send().await.unwrap().json().await.unwrap();
    assert_eq!(body.get("audio_removed_at"), Some(&json!("2027-01-01T01:00:00Z")));
    let audio = server.get(&format!("{path}/audio")).bearer_auth(&token).send().await.unwrap();
    let retried = server.post(&format!("{path}/retry")).bearer_auth(&token).send().await.unwrap();
    assert_eq!(problem(audio).await, (StatusCode::NOT_FOUND, "audio_removed".to_owned()));
    assert_eq!(problem(retried).await, (StatusCode::CONFLICT, "audio_removed".to_owned()));
}
