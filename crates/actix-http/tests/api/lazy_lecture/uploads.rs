//! Recordings: what is refused, and that nothing of it is left.

use std::time::Duration;

use lectern_domain::transcription::StateName;
use reqwest::{
    StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use super::{answer, log_in, number, refusal, register, text, uploader};
use crate::server::Server;

fn part(media_type: &str) -> Part {
    Part::bytes(b"sound".to_vec()).file_name("Lecture 7.mp3").mime_str(media_type).unwrap()
}

fn recording() -> Form {
    Form::new().part("audiofile", part("audio/mpeg"))
}

async fn upload(server: &Server, token: &str, form: Form) -> (StatusCode, Value) {
    answer(server.post("/upload-audiofile").bearer_auth(token).multipart(form)).await
}

fn assert_nothing_kept(server: &Server) {
    assert_eq!((server.world.audio.kept().len(), server.world.audio.staging_files()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_call_itself_an_mp3_is_refused() {
    let server = Server::start();
    let token = uploader(&server, "adalovelace").await;
    let refused = refusal(StatusCode::BAD_REQUEST, "Invalid audio file");
    for media_type in ["audio/wav", "text/html", "application/octet-stream", "audio/mp4"] {
        let form = Form::new().part("audiofile", part(media_type));
        assert_eq!(upload(&server, &token, form).await, refused, "{media_type}");
    }
    let nameless = Form::new().part("audiofile", Part::bytes(b"sound".to_vec()));
    assert_eq!(upload(&server, &token, nameless).await, refused);
    assert_nothing_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_calls_itself_an_mp3_is_refused() {
    let server = Server::start();
    let token = uploader(&server, "adalovelace").await;
    let refused = refusal(StatusCode::BAD_REQUEST, "Invalid audio file");
    server.world.probe.find_media_type("audio/wav");
    assert_eq!(upload(&server, &token, recording()).await, refused);
    server.world.probe.find_no_audio();
    assert_eq!(upload(&server, &token, recording()).await, refused);
    server.world.probe.find_codec("mp3pro");
    assert_eq!(upload(&server, &token, recording()).await, refused);
    let empty = Part::bytes(Vec::new()).mime_str("audio/mpeg").unwrap();
    assert_eq!(upload(&server, &token, Form::new().part("audiofile", empty)).await, refused);
    assert_nothing_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_accounts_may_not_upload_until_somebody_lets_them() {
    let server = Server::start();
    register(&server, "adalovelace").await;
    let token = text(&log_in(&server, "adalovelace").await, "access_token");
    let text = "Access restricted. Either your role or can_interact is invalid for the action.";
    assert_eq!(upload(&server, &token, recording()).await, refusal(StatusCode::FORBIDDEN, text));
    assert_nothing_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_that_is_too_short_or_too_long_is_measured_for_its_sender() {
    let server = Server::start();
    let token = uploader(&server, "adalovelace").await;
    for (millis, said) in [(9_990, "9.99"), (500, "0.50"), (7_300_126, "7300.13")] {
        server.world.probe.find(Duration::from_millis(millis));
        let text = format!(
            "Audio duration must be between 10 and 7200 seconds. Provided file is {said} seconds long."
        );
        let refused = refusal(StatusCode::UNPROCESSABLE_ENTITY, &text);
        assert_eq!(upload(&server, &token, recording()).await, refused);
    }
    assert_nothing_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_is_refused_in_words_that_begin_with_what_the_bot_looks_for() {
    let server = Server::start();
    let token = uploader(&server, "adalovelace").await;
    let (status, first) = upload(&server, &token, recording()).await;
    let id = number(&first, "task_id");
    let expected = json!({"message": "File uploaded successfully", "task_id": id, "file": "Lecture 7.mp3"});
    assert_eq!((status, first), (StatusCode::OK, expected));
    let mut refused = Vec::new();
    refused.push(upload(&server, &token, recording()).await);
    server.world.lease().await;
    refused.push(upload(&server, &token, recording()).await);
    let texts = [StateName::Queued, StateName::InProgress].map(|state| {
        format!(
            "Transcription {id} is {state}. Please cancel the job or wait before its completion to start a new one."
        )
    });
    assert_eq!(refused, texts.map(|text| refusal(StatusCode::CONFLICT, &text)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_may_have_more_fields_but_not_more_recordings_and_nothing_endless() {
    let server = Server::start();
    let token = uploader(&server, "adalovelace").await;
    let two = recording().part("audiofile", part("audio/mpeg"));
    let (status, body) = upload(&server, &token, two).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    let endless = recording().text("comment", "x".repeat(5000));
    let (status, body) = upload(&server, &token, endless).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    assert_nothing_kept(&server);
    let with_more = Form::new().text("language", "ru").part("audiofile", part("audio/mpeg")).text("x", "y");
    assert_eq!(upload(&server, &token, with_more).await.0, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_recording_the_field_is_said_to_be_missing() {
    let server = Server::start();
    let token = uploader(&server, "adalovelace").await;
    let missing = json!({"detail": [
        {"type": "missing", "loc": ["body", "audiofile"], "msg": "Field required", "input": null}
    ]});
    let refused = (StatusCode::UNPROCESSABLE_ENTITY, missing);
    let elsewhere = Form::new().part("audio", part("audio/mpeg"));
    assert_eq!(upload(&server, &token, elsewhere).await, refused);
    let request = server.post("/upload-audiofile").bearer_auth(&token);
    assert_eq!(answer(request.json(&json!({"audiofile": "sound"}))).await, refused);
    let request = server.post("/upload-audiofile").bearer_auth(&token);
    assert_eq!(answer(request.header("content-type", "multipart/form-data").body("x")).await, refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_bytes_are_too_many_in_words() {
    let server = Server::of(lectern_testkit::world::World {
        max_upload_bytes: 4,
        ..lectern_testkit::world::World::new()
    });
    let token = uploader(&server, "adalovelace").await;
    let refused =
        refusal(StatusCode::PAYLOAD_TOO_LARGE, "the recording is larger than the 4 bytes that are allowed");
    assert_eq!(upload(&server, &token, recording()).await, refused);
    assert_nothing_kept(&server);
}
