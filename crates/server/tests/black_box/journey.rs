//! The main job: from a recording to its transcript, with real speech recognition.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::Server,
    sound,
};

on_both_profiles!(a_lecture_becomes_a_transcript_that_can_be_read_found_and_exported);

async fn a_lecture_becomes_a_transcript_that_can_be_read_found_and_exported(profile: Profile) {
    let server =
        Server::start_on(profile, &[("LECTERN_RECOGNIZER", "pocketsphinx"), ("LECTERN_CHUNK_SECONDS", "20")])
            .await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());

    let chunks = ada.chunks(&server, &path).await;
    let text = chunks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>().join(" ");
    let spoken = sound::lecture_text().to_lowercase();
    let words: Vec<_> = text.split_whitespace().collect();
    let right = words.iter().filter(|word| spoken.contains(**word)).count();
    assert!(words.len() > 100 && right * 4 > words.len() * 3, "{right} of {}: {text}", words.len());

    let found = ada.get(&server, "/v1/transcriptions?search=OCEAN%20jour").await;
    assert_eq!(found.get("total"), Some(&json!(1)));
    let missed = ada.get(&server, "/v1/transcriptions?search=parliament").await;
    assert_eq!(missed.get("total"), Some(&json!(0)));

    for (format, beginning) in
        [("txt", "welcome"), ("srt", "1\n00:00:0"), ("vtt", "WEBVTT"), ("docx", "PK"), ("json", "{")]
    {
        let path = format!("{path}/export?format={format}");
        let response = ada.request(&server, Method::GET, &path).send().await.unwrap();
        assert_eq!(response.status(), 200, "{format}");
        let bytes = response.bytes().await.unwrap();
        assert!(bytes.starts_with(beginning.as_bytes()), "{format}: {:?}", bytes.get(..20));
    }
    let audio = ada.request(&server, Method::GET, &format!("{path}/audio")).send().await.unwrap();
    assert_eq!(audio.headers().get("content-type").unwrap(), "audio/mpeg");
    assert_eq!(audio.bytes().await.unwrap(), sound::lecture());
}

#[tokio::test]
async fn segments_have_the_times_at_which_they_were_said() {
    let server =
        Server::start(&[("LECTERN_RECOGNIZER", "pocketsphinx"), ("LECTERN_CHUNK_SECONDS", "20")]).await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::lecture(), "audio/mpeg").await;
    ada.watch(&server, &path).await;
    let page = ada.get(&server, &format!("{path}/chunks")).await;
    let duration = ada.get(&server, &path).await.get("duration_seconds").and_then(Value::as_f64).unwrap();
    let mut last_end = 0.0;
    for chunk in page.get("items").and_then(Value::as_array).unwrap() {
        for segment in chunk.get("segments").and_then(Value::as_array).unwrap() {
            let time = |name: &str| segment.get(name).and_then(Value::as_f64).unwrap();
            let (start, end) = (time("start_seconds"), time("end_seconds"));
            assert!(last_end <= start && start < end && end <= duration, "{segment}");
            last_end = end;
        }
    }
    assert!(last_end > duration - 5.0, "the end of the lecture is missing: {last_end} of {duration}");
}
