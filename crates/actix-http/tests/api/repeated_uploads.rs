//! Uploads that are sent again under an `Idempotency-Key`.

use std::time::Duration;

use futures::future::join_all;
use lectern_testkit::world::World;
use reqwest::{Method, Response, StatusCode, multipart};
use serde_json::{Value, json};

use super::server::{Server, problem};

fn server() -> Server {
    let world = World::new();
    world.probe.find(Duration::from_secs(90));
    Server::of(world)
}

async fn upload(server: &Server, token: &str, sound: &[u8], title: &str, key: Option<&str>) -> Response {
    let part = multipart::Part::bytes(sound.to_vec()).file_name("lecture.mp3").mime_str("audio/mpeg");
    let form = multipart::Form::new().text("title", title.to_owned()).part("audio", part.unwrap());
    let mut request = server.post("/v1/transcriptions").bearer_auth(token).multipart(form);
    if let Some(key) = key {
        request = request.header("Idempotency-Key", key);
    }
    request.send().await.unwrap()
}

/// The location and the body of a transcription that was accepted.
async fn accepted(response: Response) -> (String, Value) {
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let location = response.headers().get("location").unwrap().to_str().unwrap().to_owned();
    (location, response.json().await.unwrap())
}

/// One recording is kept, and no staging file.
fn assert_one_kept(server: &Server) {
    assert_eq!((server.world.audio.kept().len(), server.world.audio.staging_files()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_sent_again_is_answered_as_the_first_even_while_that_is_active() {
    let server = server();
    let token = server.token_of("ada").await;
    let first = accepted(upload(&server, &token, b"sound", "One", Some("k")).await).await;
    let again = accepted(upload(&server, &token, b"sound", "One", Some("k")).await).await;
    assert_eq!(again, first);
    assert_one_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_sent_again_shows_the_transcription_as_it_is_now() {
    let server = server();
    let token = server.token_of("ada").await;
    let (location, _) = accepted(upload(&server, &token, b"sound", "One", Some("k")).await).await;
    server.post(&format!("{location}/cancel")).bearer_auth(&token).send().await.unwrap();
    let (_, body) = accepted(upload(&server, &token, b"sound", "One", Some("k")).await).await;
    assert_eq!(body.get("state"), Some(&json!("cancelled")));
    assert_one_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_uploads_at_once_under_one_key_make_one_transcription() {
    let server = server();
    let token = server.token_of("ada").await;
    let answers = join_all((0..20).map(|_| upload(&server, &token, b"sound", "One", Some("k")))).await;
    let answers = join_all(answers.into_iter().map(accepted)).await;
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_one_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_with_another_upload_is_refused() {
    let server = server();
    let token = server.token_of("ada").await;
    upload(&server, &token, b"sound", "One", Some("k")).await;
    for (sound, title) in [(&b"other"[..], "One"), (b"sound", "Two"), (b"sound", "")] {
        let refused = problem(upload(&server, &token, sound, title, Some("k")).await).await;
        assert_eq!(refused, (StatusCode::CONFLICT, "idempotency_key_reused".to_owned()), "{title}");
    }
    assert_one_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_no_way_around_one_active_transcription() {
    let server = server();
    let token = server.token_of("ada").await;
    upload(&server, &token, b"sound", "One", Some("k")).await;
    for key in [None, Some("new")] {
        let refused = problem(upload(&server, &token, b"sound", "One", key).await).await;
        assert_eq!(refused, (StatusCode::CONFLICT, "transcription_active".to_owned()), "{key:?}");
    }
    assert_one_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_key_gets_nothing_of_the_other() {
    let server = server();
    let (ada, eve) = (server.token_of("ada").await, server.token_of("eve").await);
    let (hers, _) = accepted(upload(&server, &ada, b"sound", "One", Some("k")).await).await;
    let (own, _) = accepted(upload(&server, &eve, b"sound", "One", Some("k")).await).await;
    assert_ne!(hers, own);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_was_refused_does_not_use_up_its_key() {
    let server = server();
    let token = server.token_of("ada").await;
    server.world.probe.find_no_audio();
    let refused = problem(upload(&server, &token, b"sound", "One", Some("k")).await).await;
    assert_eq!(refused.1, "not_audio");
    server.world.probe.find(Duration::from_secs(90));
    accepted(upload(&server, &token, b"other", "Two", Some("k")).await).await;
    assert_one_kept(&server);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcription_that_is_gone_is_not_made_anew_under_its_key() {
    let server = server();
    let token = server.token_of("ada").await;
    let (location, _) = accepted(upload(&server, &token, b"sound", "One", Some("k")).await).await;
    server.request(Method::DELETE, &location).bearer_auth(&token).send().await.unwrap();
    let refused = problem(upload(&server, &token, b"sound", "One", Some("k")).await).await;
    assert_eq!(refused, (StatusCode::CONFLICT, "idempotency_result_gone".to_owned()));
    assert_eq!((server.world.audio.kept().len(), server.world.audio.staging_files()), (0, 0));
}
