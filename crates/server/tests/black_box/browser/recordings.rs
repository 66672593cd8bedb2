//! From a recording to its text, in a browser.

use std::{fs, path::Path};

use super::Browser;
use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::Server,
    sound,
};

on_both_profiles!(a_recording_is_uploaded_and_its_text_appears_while_one_looks);

/// A file to upload.
fn file(server: &Server, name: &str, content: &[u8]) -> String {
    let file: &Path = &server.folder().join(name);
    fs::write(file, content).unwrap();
    file.to_str().unwrap().to_owned()
}

async fn upload(browser: &Browser, server: &Server, file: &str) {
    browser.fill("#audio", file).await;
    browser.click("#upload button").await;
    browser.until(server, "location.pathname.startsWith('/console/transcriptions/')").await;
    browser.until(server, "document.readyState === 'complete'").await;
}

async fn a_recording_is_uploaded_and_its_text_appears_while_one_looks(profile: Profile) {
    let settings = [("LECTERN_RECOGNIZER", "pocketsphinx"), ("LECTERN_CHUNK_SECONDS", "20")];
    let server = Server::start_on(profile, &settings).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    upload(&browser, &server, &file(&server, "oceans.mp3", &sound::lecture())).await;
    assert_eq!(browser.value("document.querySelector('h1').textContent").await, "oceans");
    // Gone if the page were loaded again.
    browser.run("window.same = true").await;
    browser.until(&server, "document.querySelectorAll('#text li').length >= 1").await;
    browser.until(&server, "document.querySelector('#status').dataset.state === 'completed'").await;
    assert_eq!(browser.value("window.same").await, true);

    let appeared = browser.value("document.querySelector('#text').innerText").await;
    browser.show(&server, "/").await;
    browser.click("h3 a").await;
    browser.until(&server, "document.querySelectorAll('#text li').length > 2").await;
    let stored = browser.value("document.querySelector('#text').innerText").await;
    assert_eq!(appeared, stored, "what appeared is what is stored");
    assert!(stored.as_str().unwrap().contains("ocean"), "{stored}");
}

#[tokio::test]
async fn a_transcription_is_cancelled_tried_again_and_deleted() {
    let variables =
        [("LECTERN_RECOGNIZER", "command"), ("LECTERN_RECOGNIZER_COMMAND", "sh -c 'exec sleep 600' {wav}")];
    let server = Server::start(&variables).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    upload(&browser, &server, &file(&server, "noise.wav", &sound::noise(11, 1))).await;
    browser.click("#cancel").await;
    browser.until(&server, "document.querySelector('#status')?.dataset.state === 'cancelled'").await;
    browser.until(&server, "document.querySelector('#retry')").await;
    browser.click("#retry").await;
    browser.until(&server, "document.querySelector('#cancel')").await;
    browser.click("button.danger").await;
    browser.accept().await;
    browser.until(&server, "document.querySelector('main')?.innerText.includes('Nothing here yet.')").await;
}

#[tokio::test]
async fn what_is_no_recording_is_refused_with_the_reason() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    browser.fill("#audio", &file(&server, "notes.mp3", b"no sound")).await;
    browser.click("#upload button").await;
    browser
        .until(&server, "document.querySelector('#upload [role=alert]').textContent.includes('audio')")
        .await;
    assert_eq!(browser.address().await, server.url("/"));
}

#[tokio::test]
async fn a_session_that_has_to_be_renewed_is_noticed_before_an_upload() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    browser.drop_cookie("access_token").await;
    upload(&browser, &server, &file(&server, "noise.wav", &sound::noise(11, 1))).await;
}
