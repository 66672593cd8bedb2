//! A server's life: one on each folder, ready when it says so, gone when it is told to go.

use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use crate::{
    client::Account,
    server::{Server, run},
    sound,
};

#[tokio::test]
async fn a_server_is_healthy_when_it_says_where_it_listens() {
    let server = Server::start(&[]).await;
    let answer = server.client.get(server.url("/healthz")).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", server.log());
}

#[tokio::test]
async fn a_second_server_on_the_same_folder_refuses() {
    let server = Server::start(&[]).await;
    let folder = server.data_dir();
    let second = run(folder.parent().unwrap(), &[], &["serve"]).await;
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains(folder.to_str().unwrap()), "{said}");
}

#[tokio::test]
async fn a_second_server_on_the_same_database_refuses() {
    let server = Server::start(&[]).await;
    let elsewhere = TempDir::new().unwrap();
    let database = format!("sqlite://{}", server.data_dir().join("lectern.db").display());
    let second = run(elsewhere.path(), &[("LECTERN_DATABASE_URL", &database)], &["serve"]).await;
    let said = String::from_utf8(second.stderr).unwrap();
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("another process uses the database"), "{said}");
}

#[tokio::test]
async fn the_schema_is_not_changed_under_a_running_server_but_can_be_looked_at() {
    let server = Server::start(&[]).await;
    let elsewhere = TempDir::new().unwrap();
    let database = format!("sqlite://{}", server.data_dir().join("lectern.db").display());
    let migrate =
        async |step| run(elsewhere.path(), &[], &["migrate", step, "--database-url", &database]).await;
    for step in ["up", "down", "redo"] {
        let refused = migrate(step).await;
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{step}: {said}");
        assert!(said.contains("another process uses the database"), "{step}: {said}");
    }
    assert!(migrate("status").await.status.success());
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_exits_with_success() {
    let mut server = Server::start(&[]).await;
    assert_eq!(server.terminate().await.code(), Some(0), "{}", server.log());
}

#[tokio::test]
async fn standard_output_has_one_line() {
    let mut server = Server::start(&[]).await;
    server.terminate().await;
    assert_eq!(server.rest_of_stdout().await, "");
}

#[tokio::test]
async fn a_server_that_was_killed_starts_again_with_the_same_secrets() {
    let mut server = Server::start(&[]).await;
    let token = server.worker_token();
    server.kill().await;
    server.restart().await;
    assert_eq!(server.worker_token(), token);
}

#[tokio::test]
async fn nobody_else_can_look_into_the_data_folder() {
    let server = Server::start(&[]).await;
    let mode = |path: &str| server.data_dir().join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!([mode("."), mode("secrets/worker_token"), mode("lectern.db")], [0o700, 0o600, 0o600]);
}

#[tokio::test]
async fn a_server_without_a_recogniser_says_that_nothing_will_be_transcribed() {
    let server = Server::start(&[]).await;
    assert!(server.log().contains("WILL NOT BE TRANSCRIBED"), "{}", server.log());
}

#[tokio::test]
async fn what_is_being_recognised_is_in_the_data_folder() {
    let variables = [("LECTERN_RECOGNIZER", "command"), ("LECTERN_RECOGNIZER_COMMAND", "echo {wav}")];
    let server = Server::start(&variables).await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());
    let scratch = server.data_dir().join("scratch");
    let chunks = ada.chunks(&server, &path).await;
    assert!(chunks.iter().all(|(_, wav)| wav.starts_with(scratch.to_str().unwrap())), "{chunks:?}");
    assert_eq!(scratch.read_dir().unwrap().count(), 0);
}

#[tokio::test]
async fn the_log_is_whole_when_the_server_has_stopped() {
    let mut server = Server::start(&[]).await;
    for _ in 0..200 {
        server.client.get(server.url("/healthz")).send().await.unwrap();
    }
    server.terminate().await;
    assert_eq!(server.log().matches("\"message\":\"served\"").count(), 200);
}
