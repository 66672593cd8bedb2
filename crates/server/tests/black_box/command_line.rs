//! What the program says to the person at the terminal.

use std::{process::Output, time::Duration};

use rustix::fs::{CWD, Mode, mkfifoat};
use tempfile::TempDir;
use tokio::{
    net::{TcpListener, unix::pipe},
    time::{interval, timeout},
};

use crate::server::{Server, run, spawn, terminate};

async fn lectern(variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    run(TempDir::new().unwrap().path(), variables, arguments).await
}

#[tokio::test]
async fn a_wrong_setting_is_named_with_its_source_and_the_right_name() {
    let output = lectern(&[("LECTERN_LISTN", "127.0.0.1:0")], &["serve"]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("LECTERN_LISTN") && said.contains("did you mean listen?"), "{said}");
}

#[tokio::test]
async fn the_checked_configuration_is_printed_without_secrets() {
    let output = lectern(&[("LECTERN_WORKER_TOKEN", "wtok-0123456789abcdef")], &["config", "check"]).await;
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("bcrypt_cost = 4  # the environment variable LECTERN_BCRYPT_COST"), "{printed}");
    assert!(printed.contains("worker_token = \"***\"") && !printed.contains("wtok"), "{printed}");
}

#[tokio::test]
async fn checking_the_configuration_makes_no_folder() {
    let folder = TempDir::new().unwrap();
    assert!(run(folder.path(), &[], &["config", "check"]).await.status.success());
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn migrations_go_up_and_down() {
    let folder = TempDir::new().unwrap();
    let status = async || run(folder.path(), &[], &["migrate", "status"]).await.stdout;
    let pending = status().await;
    assert!(run(folder.path(), &[], &["migrate"]).await.status.success());
    let applied = status().await;
    assert!(run(folder.path(), &[], &["migrate", "down"]).await.status.success());
    let count = |text: &[u8], word: &str| String::from_utf8_lossy(text).matches(word).count();
    assert_eq!([count(&pending, "applied"), count(&applied, "pending")], [0, 0]);
    assert_eq!(count(&status().await, "pending"), 1);
}

#[tokio::test]
async fn a_worker_without_a_token_says_where_to_get_it() {
    let output = lectern(&[], &["worker", "--server", "http://127.0.0.1:1"]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("--token-file"), "{said}");
}

#[tokio::test]
async fn a_worker_whose_server_does_not_answer_stops_all_the_same() {
    let folder = TempDir::new().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let variables = [
        ("LECTERN_WORKER_TOKEN", "wtok-0123456789abcdef"),
        ("LECTERN_RECOGNIZER", "command"),
        ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}"),
    ];
    let mut worker = spawn(folder.path(), &variables, &["worker", "--server", &address]);
    let _connection = timeout(Duration::from_secs(20), silent.accept()).await.unwrap().unwrap();
    // Ten seconds of grace; its request alone would wait for fifteen.
    let stopped = timeout(Duration::from_secs(13), terminate(&mut worker)).await;
    assert_eq!(stopped.unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_recording_is_transcribed_without_a_server() {
    let lecture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/lecture.mp3");
    let recognizer = ("LECTERN_RECOGNIZER_COMMAND", "echo heard {wav}");
    let variables = [("LECTERN_RECOGNIZER", "command"), recognizer, ("LECTERN_CHUNK_SECONDS", "30")];
    let output = lectern(&variables, &["transcribe", lecture, "--format", "srt"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("heard /").count(), 2, "{text}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_recording_that_stalls_does_not_keep_the_program_alive() {
    let folder = TempDir::new().unwrap();
    let stalled = folder.path().join("stalled.wav");
    mkfifoat(CWD, &stalled, Mode::RUSR | Mode::WUSR).unwrap();
    let variables = [("LECTERN_RECOGNIZER", "command"), ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}")];
    let mut transcribe = spawn(folder.path(), &variables, &["transcribe", "stalled.wav"]);
    // A writer that never writes. There can be none before there is a reader.
    let mut ticks = interval(Duration::from_millis(20));
    let reading = async {
        loop {
            match pipe::OpenOptions::new().open_sender(&stalled) {
                Ok(writer) => return writer,
                Err(_no_reader) => ticks.tick().await,
            };
        }
    };
    let _writer = timeout(Duration::from_secs(20), reading).await.unwrap();
    assert_eq!(terminate(&mut transcribe).await.code(), Some(1));
}

#[tokio::test]
async fn what_is_no_recording_is_refused_by_name() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "no sound").unwrap();
    let variables = [("LECTERN_RECOGNIZER", "command"), ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}")];
    let output = run(folder.path(), &variables, &["transcribe", "notes.txt"]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("notes.txt"), "{said}");
}

#[tokio::test]
async fn the_database_is_made_once_and_removed_only_on_purpose() {
    let folder = TempDir::new().unwrap();
    let db = async |arguments: &[&str]| {
        let output = run(folder.path(), &[], &[&["db"], arguments].concat()).await;
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    };
    let file = folder.path().join("data/lectern.db");
    assert_eq!(db(&["drop", "--yes"]).await.0, Some(0));
    assert!(db(&["init"]).await.1.contains("migrations applied"));
    assert!(db(&["init"]).await.1.contains("up to date"));

    let (code, said) = db(&["drop"]).await;
    assert!(code == Some(2) && said.contains("--yes") && file.exists(), "{said}");
    assert!(db(&["drop", "--yes"]).await.1.contains("removed"));
    let left = folder.path().join("data").read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("lectern.db")).collect();
    assert_eq!(left, ["lectern.db.lock"]);
}

#[tokio::test]
async fn the_database_of_a_running_server_is_not_removed() {
    let server = Server::start(&[]).await;
    let output = server.run(&["db", "drop", "--yes"]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("another process uses"), "{said}");
    assert!(server.data_dir().join("lectern.db").exists());
}
