//! A server's life: one on each folder, ready when it says so, gone when it is told to go.

use std::os::unix::fs::PermissionsExt as _;

use crate::server::{Server, run};

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
