//! A data folder of an earlier version goes on with this one.
//!
//! How the folder was made is said beside it, in `tests/fixtures`.

use std::{fs, path::Path};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    client::{Account, problem},
    server::{Server, run},
};

/// What was known about the folder when it was made.
struct Fixture {
    /// The data folder, packed.
    archive: &'static str,
    transcription: &'static str,
    text: &'static str,
    audio_bytes: usize,
}

const FIVE_MIGRATIONS: Fixture = Fixture {
    archive: "data-folder-2026-11-21/data.tar.zst",
    transcription: "01a20124-c1c7-7772-92ae-2c36bede81be",
    text: "pendulum",
    audio_bytes: 96_044,
};

impl Fixture {
    /// Unpacks it where the program has its data in `folder`, with the refresh token of the device that was signed in.
    fn unpack(&self, folder: &Path) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(self.archive);
        let packed = zstd::Decoder::new(fs::File::open(path).unwrap()).unwrap();
        tar::Archive::new(packed).unpack(folder).unwrap();
    }
}

#[tokio::test]
async fn it_is_migrated_and_served() {
    let fixture = FIVE_MIGRATIONS;
    let server = Server::start_with(|folder| fixture.unpack(folder)).await;
    assert!(server.log().contains("migrated the database"), "{}", server.log());

    // Its holder signs in, and finds what was transcribed.
    let ada = Account::log_in(&server, "ada").await;
    let path = format!("/v1/transcriptions/{}", fixture.transcription);
    assert_eq!(ada.get(&server, &path).await.get("state"), Some(&json!("completed")));
    let chunks = ada.chunks(&server, &path).await;
    assert_eq!(chunks, [(0, fixture.text.to_owned())]);
    let found = ada.get(&server, &format!("/v1/transcriptions?search={}", fixture.text)).await;
    assert_eq!(found.get("total"), Some(&json!(1)));
    let audio = ada.request(&server, reqwest::Method::GET, &format!("{path}/audio")).send().await.unwrap();
    assert_eq!(audio.bytes().await.unwrap().len(), fixture.audio_bytes);

    // And goes on with it.
    let recording = crate::sound::noise(12, 7);
    ada.upload(&server, recording, "audio/wav").await;
    assert_eq!(ada.get(&server, "/v1/me/balance").await.get("balance"), Some(&Value::from(0)));
}

/// The device that was signed in then still is, until its session expires.
#[tokio::test]
async fn its_sessions_go_on() {
    let server = Server::start_with(|folder| FIVE_MIGRATIONS.unpack(folder)).await;
    let token = fs::read_to_string(server.folder().join("refresh_token")).unwrap();
    let body = json!({"refresh_token": token.trim()});
    let refreshed = server.client.post(server.url("/v1/auth/refresh")).json(&body).send().await.unwrap();
    if refreshed.status() == StatusCode::OK {
        let tokens: Value = refreshed.json().await.unwrap();
        assert!(tokens.get("access_token").is_some_and(Value::is_string), "{tokens}");
    } else {
        let (status, code) = problem(refreshed).await;
        assert_eq!((status, code.as_str()), (401, "token_expired"), "{}", server.log());
    }
}

#[tokio::test]
async fn a_backup_can_be_taken_before_the_update_and_restored_after_it() {
    let folder = TempDir::new().unwrap();
    FIVE_MIGRATIONS.unpack(folder.path());
    let lectern = async |arguments: &[&str]| {
        let output = run(folder.path(), &[], arguments).await;
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        said
    };
    let taken = lectern(&["backup"]).await;
    let (_, rest) = taken.split_once("took ").unwrap();
    let file = rest.split_once(" (").unwrap().0;
    let verified = lectern(&["backup", "--verify"]).await;
    assert!(verified.contains("of an earlier schema"), "{verified}");
    lectern(&["db", "drop", "--yes"]).await;
    let restored = lectern(&["restore", file]).await;
    assert!(restored.contains("migrations"), "{restored}");
    assert!(lectern(&["user", "list"]).await.contains("ada"));
}
