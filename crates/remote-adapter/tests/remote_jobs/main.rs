//! What a worker says to a server far away, and how it takes the answers: over a real socket.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod scripted_server;

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use lectern_application::ports::{JobSource, JobSourceError, LeasedJob, Pulse};
use lectern_domain::transcription::{
    Chunk, ChunkNumber, ChunkPlan, LeaseId, Segment, TranscriptionId, WorkerName,
};
use lectern_remote_adapter::RemoteJobs;
use scripted_server::{ScriptedServer, empty, json};
use tempfile::TempDir;
use uuid::Uuid;

const TOKEN: &str = "wtok-0123456789abcdef";
const LEASE: &str = "01900000-0000-7000-8000-000000000001";
const TRANSCRIPTION: &str = "01900000-0000-7000-8000-000000000002";

fn jobs(url: &str, folder: &Path) -> RemoteJobs {
    RemoteJobs::new(url, &TOKEN.into(), folder.to_owned()).unwrap()
}

fn lease() -> LeaseId {
    LeaseId(Uuid::parse_str(LEASE).unwrap())
}

fn job() -> LeasedJob {
    LeasedJob {
        lease: lease(),
        lease_duration: Duration::from_secs(30),
        transcription: TranscriptionId(Uuid::parse_str(TRANSCRIPTION).unwrap()),
        plan: ChunkPlan::new(Duration::from_millis(150_250), Duration::from_mins(1)).unwrap(),
        missing: vec![ChunkNumber(0), ChunkNumber(2)],
        language: None,
    }
}

fn files(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).unwrap().count()
}

/// What a heartbeat makes of an answer.
async fn heartbeat(answer: String) -> Result<Pulse, JobSourceError> {
    let server = ScriptedServer::start(vec![answer]).await;
    let folder = TempDir::new().unwrap();
    jobs(&server.url(), folder.path()).heartbeat(lease()).await
}

#[tokio::test]
async fn a_lease_is_asked_for_by_name_and_with_the_token() {
    let mut server = ScriptedServer::start(vec![empty("204 No Content")]).await;
    let folder = TempDir::new().unwrap();
    let worker = WorkerName::parse("anna's laptop").unwrap();
    assert_eq!(jobs(&server.url(), folder.path()).lease(&worker).await.unwrap(), None);
    let request = server.request().await;
    assert_eq!(request.line, "POST /v1/worker/jobs/lease");
    assert_eq!(request.body, r#"{"worker":"anna's laptop"}"#);
    assert!(request.headers.contains(&format!("authorization: Bearer {TOKEN}")));
}

#[tokio::test]
async fn a_leased_job_arrives_whole() {
    let body = format!(
        r#"{{"id":"{LEASE}","transcription_id":"{TRANSCRIPTION}","lease_seconds":30.0,
            "duration_seconds":150.25,"chunk_seconds":60.0,"language":null,"missing":[0,2],"new":1}}"#
    );
    let server = ScriptedServer::start(vec![json("200 OK", &body)]).await;
    let folder = TempDir::new().unwrap();
    let worker = WorkerName::parse("w").unwrap();
    assert_eq!(jobs(&server.url(), folder.path()).lease(&worker).await.unwrap(), Some(job()));
}

#[tokio::test]
async fn a_heartbeat_tells_whether_to_go_on() {
    assert_eq!(heartbeat(json("200 OK", r#"{"cancelled":false}"#)).await.unwrap(), Pulse::Continue);
    assert_eq!(heartbeat(json("200 OK", r#"{"cancelled":true}"#)).await.unwrap(), Pulse::Cancelled);
}

#[tokio::test]
async fn a_chunk_is_sent_with_its_times_in_seconds() {
    let mut server = ScriptedServer::start(vec![empty("204 No Content")]).await;
    let folder = TempDir::new().unwrap();
    let times = (Duration::from_millis(60_100), Duration::from_millis(62_500));
    let segment = Segment::new(times.0, times.1, "good \"morning\"").unwrap();
    let chunk = Chunk::from_segments(ChunkNumber(1), vec![segment]).unwrap();
    jobs(&server.url(), folder.path()).store_chunk(lease(), chunk).await.unwrap();
    let request = server.request().await;
    assert_eq!(request.line, format!("POST /v1/worker/jobs/{LEASE}/chunks"));
    assert_eq!(
        request.body,
        r#"{"number":1,"text":"good \"morning\"","segments":[{"start_seconds":60.1,"end_seconds":62.5,"text":"good \"morning\""}]}"#
    );
}

#[tokio::test]
async fn each_last_word_has_its_route() {
    let mut server = ScriptedServer::start(vec![empty("204 No Content"); 3]).await;
    let folder = TempDir::new().unwrap();
    let jobs = jobs(&server.url(), folder.path());
    jobs.complete(lease()).await.unwrap();
    jobs.release(lease()).await.unwrap();
    jobs.fail(lease(), "no such codec").await.unwrap();
    assert_eq!(server.request().await.line, format!("POST /v1/worker/jobs/{LEASE}/complete"));
    assert_eq!(server.request().await.line, format!("POST /v1/worker/jobs/{LEASE}/release"));
    let fail = server.request().await;
    assert_eq!(fail.line, format!("POST /v1/worker/jobs/{LEASE}/fail"));
    assert_eq!(fail.body, r#"{"reason":"no such codec"}"#);
}

#[tokio::test]
async fn a_recording_is_a_file_until_it_is_dropped() {
    let mut server = ScriptedServer::start(vec![json("200 OK", "all the sound")]).await;
    let folder = TempDir::new().unwrap();
    let file = jobs(&server.url(), folder.path()).audio(&job()).await.unwrap();
    assert_eq!(server.request().await.line, format!("GET /v1/worker/jobs/{LEASE}/audio"));
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "all the sound");
    drop(file);
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn a_recording_that_breaks_off_is_worth_another_try_and_leaves_no_file() {
    let short = json("200 OK", "all the sound").replace("content-length: 13", "content-length: 14");
    let server = ScriptedServer::start(vec![short]).await;
    let folder = TempDir::new().unwrap();
    let outcome = jobs(&server.url(), folder.path()).audio(&job()).await;
    assert!(matches!(outcome, Err(JobSourceError::Unavailable { .. })), "{outcome:?}");
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn a_recording_beyond_the_limit_is_refused_and_leaves_no_file() {
    let announced = json("200 OK", "all the sound");
    let unannounced = announced.replace("content-length: 13\r\n", "");
    for answer in [announced, unannounced] {
        let server = ScriptedServer::start(vec![answer]).await;
        let folder = TempDir::new().unwrap();
        let outcome = jobs(&server.url(), folder.path()).with_download_limit(12).audio(&job()).await;
        assert!(matches!(outcome, Err(JobSourceError::Refused { .. })), "{outcome:?}");
        assert_eq!(files(&folder), 0);
    }
}

#[tokio::test]
async fn a_recording_at_the_limit_is_taken() {
    let server = ScriptedServer::start(vec![json("200 OK", "all the sound")]).await;
    let folder = TempDir::new().unwrap();
    let jobs = jobs(&server.url(), folder.path()).with_download_limit(13);
    assert_eq!(fs::read_to_string(jobs.audio(&job()).await.unwrap().path()).unwrap(), "all the sound");
}

#[test]
fn what_a_killed_worker_left_in_its_own_folder_is_removed_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    for name in ["lectern-recording-a1b2c3", "notes"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    RemoteJobs::with_scratch("http://127.0.0.1:1", &TOKEN.into(), folder.path().to_owned()).unwrap();
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["notes"]);
}

#[test]
fn a_workers_own_folder_is_made_for_its_eyes_only() {
    let folder = TempDir::new().unwrap();
    let scratch = folder.path().join("worker/scratch");
    RemoteJobs::with_scratch("http://127.0.0.1:1", &TOKEN.into(), scratch.clone()).unwrap();
    assert_eq!(fs::metadata(scratch).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn what_lies_in_a_shared_folder_stays() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("lectern-recording-a1b2c3"), "").unwrap();
    jobs("http://127.0.0.1:1", folder.path());
    assert_eq!(files(&folder), 1);
}

#[tokio::test]
async fn a_lost_lease_is_told_from_other_conflicts() {
    let lost = heartbeat(json("409 Conflict", r#"{"code":"lease_lost","detail":"expired"}"#)).await;
    assert!(matches!(lost, Err(JobSourceError::LeaseLost)), "{lost:?}");
    let other = heartbeat(json("409 Conflict", r#"{"code":"illegal_transition","detail":"is final"}"#)).await;
    assert!(
        matches!(&other, Err(JobSourceError::Refused { detail }) if detail.contains("is final")),
        "{other:?}"
    );
}

#[tokio::test]
async fn a_server_in_trouble_is_worth_another_try() {
    for status in [
        "408 Request Timeout",
        "429 Too Many Requests",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
        "507 Insufficient Storage",
    ] {
        let outcome = heartbeat(json(status, r#"{"code":"busy","detail":"too many"}"#)).await;
        assert!(matches!(outcome, Err(JobSourceError::Unavailable { .. })), "{status}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_defect_of_the_server_is_met_once_and_for_all() {
    let problem =
        json("500 Internal Server Error", r#"{"code":"internal","detail":"the recording is gone"}"#);
    let server = ScriptedServer::start(vec![problem]).await;
    let folder = TempDir::new().unwrap();
    let outcome = jobs(&server.url(), folder.path()).audio(&job()).await;
    let told = |detail: &str| detail == "the recording is gone (500 Internal Server Error)";
    assert!(matches!(&outcome, Err(JobSourceError::Refused { detail }) if told(detail)), "{outcome:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_is_worth_another_try() {
    let server = ScriptedServer::start(vec![]).await;
    let folder = TempDir::new().unwrap();
    let outcome = jobs(&server.url(), folder.path()).heartbeat(lease()).await;
    assert!(matches!(outcome, Err(JobSourceError::Unavailable { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_refusal_says_what_the_server_said() {
    let outcome = heartbeat(json("401 Unauthorized", r#"{"detail":"the worker token is wrong"}"#)).await;
    let shown = outcome.unwrap_err().to_string();
    assert_eq!(shown, "the server refused: the worker token is wrong (401 Unauthorized)");
}

#[tokio::test]
async fn the_token_does_not_follow_a_redirect() {
    let elsewhere = ScriptedServer::start(vec![json("200 OK", r#"{"cancelled":false}"#)]).await;
    let redirect = format!(
        "HTTP/1.1 308 Permanent Redirect\r\nlocation: {}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.url()
    );
    let outcome = heartbeat(redirect).await;
    let named = |detail: &str| detail.contains(&elsewhere.url());
    assert!(matches!(&outcome, Err(JobSourceError::Refused { detail }) if named(detail)), "{outcome:?}");
}

#[tokio::test]
async fn an_answer_of_something_else_is_refused() {
    let outcome = heartbeat(json("200 OK", "<html>")).await;
    assert!(matches!(outcome, Err(JobSourceError::Refused { .. })), "{outcome:?}");
}

#[tokio::test]
async fn no_error_shows_the_token() {
    for answer in [empty("401 Unauthorized"), empty("500 Oh No"), "garbage\r\n\r\n".to_owned()] {
        let error = heartbeat(answer).await.unwrap_err();
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
}
