//! Uploads that must be refused: each with its code, and nothing left behind.

use std::{fs, path::Path, time::Duration};

use reqwest::Method;
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{interval, timeout},
};

use crate::{
    client::{Account, problem},
    profile::{Profile, on_both_profiles},
    server::Server,
    small_disk::SmallDisk,
    sound,
};

/// The most that something may take to settle before a test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

on_both_profiles!(
    what_is_no_recording_is_refused,
    what_is_too_large_is_refused_and_the_client_hears_why,
    whoever_is_not_signed_in_hears_so_even_with_a_large_upload,
    a_second_active_upload_is_refused_until_the_first_is_out_of_the_way,
    a_client_that_vanishes_half_way_leaves_nothing,
);

/// Files of uploads under way.
pub(crate) fn staged(server: &Server) -> usize {
    let files = fs::read_dir(server.data_dir().join("staging")).unwrap().flatten();
    files.filter(|file| file.file_name() != ".lock").count()
}

/// Recordings that are kept.
async fn kept(server: &Server) -> usize {
    if let Some(parts) = server.parts() {
        return parts.recordings().count().await;
    }
    let audio = server.data_dir().join("audio");
    files(&audio) - usize::from(audio.join("ping").exists())
}

/// Files in a folder and those in it.
fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

/// So many recordings are kept, and no upload is under way. The server tries now and then whether it can write, which leaves
/// nothing either, but takes a moment.
pub(crate) async fn assert_kept(server: &Server, recordings: usize) {
    let mut looks = interval(Duration::from_millis(20));
    let kept_so = async {
        while (staged(server), kept(server).await) != (0, recordings) {
            looks.tick().await;
        }
    };
    let settled = timeout(PATIENCE, kept_so).await;
    assert!(settled.is_ok(), "{:?} and not (0, {recordings})", (staged(server), kept(server).await));
}

/// Nothing is left of an upload that was refused: no file, no row.
async fn assert_nothing_left(server: &Server, account: &Account) {
    assert_kept(server, 0).await;
    assert_eq!(account.get(server, "/v1/transcriptions").await.get("total"), Some(&json!(0)));
}

async fn what_is_no_recording_is_refused(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_MAX_AUDIO_SECONDS", "30")]).await;
    let ada = Account::register(&server, "ada").await;
    let lecture = sound::lecture();
    let cases: [(&str, Vec<u8>, &str, u16, &str); 8] = [
        ("empty", Vec::new(), "audio/mpeg", 422, "not_audio"),
        ("text", b"This is no sound at all. ".repeat(1000), "audio/mpeg", 422, "not_audio"),
        ("zeros", vec![0; 100_000], "audio/mpeg", 422, "not_audio"),
        ("its first kilobyte", lecture.get(..1000).unwrap().to_vec(), "audio/mpeg", 422, ""),
        ("too short", sound::noise(9, 1), "audio/wav", 422, "duration_out_of_range"),
        ("too long", sound::noise(31, 1), "audio/wav", 422, "duration_out_of_range"),
        ("truncated", lecture.get(..30_000).unwrap().to_vec(), "audio/mpeg", 422, "duration_out_of_range"),
        ("not even called audio", sound::noise(11, 1), "text/html", 415, "unsupported_media_type"),
    ];
    for (what, file, media_type, status, code) in cases {
        let refused = problem(ada.send(&server, file, media_type).await).await;
        assert_eq!(refused.0, status, "{what}");
        assert!(code.is_empty() || refused.1 == code, "{what}: {refused:?}");
        assert_nothing_left(&server, &ada).await;
    }
}

async fn what_is_too_large_is_refused_and_the_client_hears_why(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_MAX_UPLOAD_BYTES", "100000")]).await;
    let ada = Account::register(&server, "ada").await;
    let refused = problem(ada.send(&server, vec![1; 8_000_000], "audio/mpeg").await).await;
    assert_eq!(refused, (413, "recording_too_large".to_owned()));
    assert_nothing_left(&server, &ada).await;
}

async fn whoever_is_not_signed_in_hears_so_even_with_a_large_upload(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let part = reqwest::multipart::Part::bytes(vec![1; 8_000_000]).mime_str("audio/mpeg").unwrap();
    let form = reqwest::multipart::Form::new().part("audio", part);
    let request = server.client.post(server.url("/v1/transcriptions")).multipart(form);
    assert_eq!(problem(request.send().await.unwrap()).await, (401, "token_missing".to_owned()));
}

async fn a_second_active_upload_is_refused_until_the_first_is_out_of_the_way(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let ada = Account::register(&server, "ada").await;
    let first = ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let refused = problem(ada.send(&server, sound::noise(11, 2), "audio/wav").await).await;
    assert_eq!(refused, (409, "transcription_active".to_owned()));
    assert_kept(&server, 1).await;
    let deleted = ada.request(&server, Method::DELETE, &first).send().await.unwrap();
    assert_eq!(deleted.status(), 204);
    assert_nothing_left(&server, &ada).await;
    ada.upload(&server, sound::noise(11, 2), "audio/wav").await;
}

async fn a_client_that_vanishes_half_way_leaves_nothing(profile: Profile) {
    let server = Server::start_on(profile, &[]).await;
    let ada = Account::register(&server, "ada").await;
    let request = ada.request(&server, Method::POST, "/v1/transcriptions").build().unwrap();
    let authorization = request.headers().get("authorization").unwrap().to_str().unwrap();
    let url = request.url();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut connection = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a\"\r\nContent-Type: audio/mpeg\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![7; 3_000_000]).await.unwrap();
    connection.flush().await.unwrap();
    let mut ticks = interval(Duration::from_millis(10));
    let begun = async {
        while staged(&server) == 0 {
            ticks.tick().await;
        }
    };
    timeout(Duration::from_secs(10), begun).await.unwrap();
    drop(connection);
    let cleaned_up = async {
        while staged(&server) > 0 {
            ticks.tick().await;
        }
    };
    timeout(Duration::from_secs(10), cleaned_up).await.unwrap();
    assert_nothing_left(&server, &ada).await;
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_full_and_is_not_filled_up() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let staging = server.data_dir().join("staging");
    let disk = SmallDisk::mount(&staging, "1m");
    let refused = problem(ada.send(&server, sound::noise(300, 1), "audio/wav").await).await;
    assert_eq!(refused, (507, "storage_full".to_owned()), "{}", server.log());
    assert_nothing_left(&server, &ada).await;
    drop(disk);
    ada.upload(&server, sound::noise(300, 1), "audio/wav").await;
}

#[tokio::test]
async fn an_unreadable_store_is_unavailable_and_the_upload_can_be_sent_again() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let audio = server.data_dir().join("audio");
    fs::remove_dir_all(&audio).unwrap();
    fs::write(&audio, "in the way").unwrap();
    let refused = problem(ada.send(&server, sound::noise(11, 1), "audio/wav").await).await;
    assert_eq!(refused, (503, "storage_unavailable".to_owned()), "{}", server.log());
    let ready = server.client.get(server.url("/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 503);
    fs::remove_file(&audio).unwrap();
    fs::create_dir(&audio).unwrap();
    assert_nothing_left(&server, &ada).await;
    ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
}
