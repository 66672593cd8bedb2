//! Reports that come at the same time, and the owner's cancel among them.

use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::Scene;
use crate::profile::{Profile, on_both_profiles};

on_both_profiles!(
    chunks_that_come_at_once_with_a_cancel_are_all_stored,
    of_errors_that_come_at_once_no_more_than_three_count,
    an_end_and_a_cancel_at_once_leave_one_of_both,
);

/// Chunks of a second: a recording of 25 seconds has the numbers 0 to 25.
const CHUNKS: u32 = 26;

async fn report(scene: &Scene, fields: Value) -> (StatusCode, Value) {
    let mut body = json!({"transcription_id": 1});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let url = scene.server.url("/worker/transcription_status");
    let request = scene.server.client.post(url).header("X-Worker-Token", scene.server.worker_token());
    let answer = request.json(&body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

fn chunk(number: u32) -> Value {
    json!({"new_chunk": {"text": format!("words of chunk {number}"), "chunk_no": number}})
}

async fn chunks_that_come_at_once_with_a_cancel_are_all_stored(profile: Profile) {
    let scene = Scene::new(profile, &[("LECTERN_CHUNK_SECONDS", "1")]).await;
    let (_, path) = scene.upload(1).await;
    let first = join_all((0..CHUNKS / 2).map(|number| report(&scene, chunk(number))));
    let second = join_all((CHUNKS / 2..CHUNKS).map(|number| report(&scene, chunk(number))));
    let (first, (), second) = tokio::join!(first, scene.cancel(&path), second);
    for (status, body) in first.into_iter().chain(second) {
        assert_eq!(status, StatusCode::OK, "{body}\n{}", scene.server.log());
    }
    assert_eq!(scene.ada.chunks(&scene.server, &path).await.len(), usize::try_from(CHUNKS).unwrap());
    assert_eq!(scene.state(&path).await, "cancelled");
    let (_, last) = report(&scene, json!({"current_state": "completed_partially"})).await;
    assert_eq!(last.pointer("/transcription/current_state"), Some(&json!("completed_partially")));
    scene.leave().await;
}

async fn of_errors_that_come_at_once_no_more_than_three_count(profile: Profile) {
    let scene = Scene::new(profile, &[]).await;
    let (_, path) = scene.upload(1).await;
    let fails = json!({"current_state": "processing_error"});
    let answers = join_all((0..6).map(|_| report(&scene, fails.clone()))).await;
    let counted: Vec<_> = answers.iter().filter(|(status, _)| *status == StatusCode::OK).collect();
    let refused = answers.iter().filter(|(status, _)| *status == StatusCode::CONFLICT).count();
    assert_eq!((counted.len(), refused), (3, 3), "{answers:?}");
    assert_eq!(scene.state(&path).await, "processing_fail");
    scene.leave().await;
}

async fn an_end_and_a_cancel_at_once_leave_one_of_both(profile: Profile) {
    let scene = Scene::new(profile, &[]).await;
    let (_, path) = scene.upload(1).await;
    report(&scene, chunk(0)).await;
    let cancel = scene.ada.request(&scene.server, Method::POST, &format!("{path}/cancel")).send();
    let (ended, cancelled) = tokio::join!(report(&scene, json!({"current_state": "completed"})), cancel);
    // Of what was cancelled first the end is still taken: it is the worker's last word.
    assert_eq!(ended.0, StatusCode::OK, "{}", ended.1);
    let cancelled = cancelled.unwrap().status();
    assert!([StatusCode::OK, StatusCode::CONFLICT].contains(&cancelled), "{cancelled}");
    assert_eq!(scene.state(&path).await, "completed_partially");
    scene.leave().await;
}
