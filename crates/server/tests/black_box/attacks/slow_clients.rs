//! Clients that keep a server waiting: with a head, with a body, with an answer.
//!
//! The server waits two seconds where it usually does ten or thirty.

use futures::future::join_all;
use reqwest::Method;
use tokio::io::AsyncWriteExt as _;

use super::besieged::{Besieged, read_to_end, status, trickle};
use crate::{client::Account, sound, uploads::staged};

const IMPATIENT: [(&str, &str); 3] = [
    ("LECTERN_HEADER_TIMEOUT_SECONDS", "2"),
    ("LECTERN_KEEP_ALIVE_SECONDS", "2"),
    ("LECTERN_CLIENT_TIMEOUT_SECONDS", "2"),
];
const CONNECTIONS: usize = 200;
/// Two buffers of 32 KiB for each connection, and as much again.
const MEBIBYTES: u64 = 50;

/// Slowloris: so many connections, on each of which that is sent, and then a byte now and then. All of them are ended.
async fn all_are_ended(besieged: &Besieged, begin: &[u8]) -> Vec<String> {
    let connections = (0..CONNECTIONS).map(async |_| {
        let mut connection = besieged.connect().await;
        connection.write_all(begin).await.unwrap();
        trickle(connection).await
    });
    let (answers, ()) = tokio::join!(join_all(connections), besieged.answers_others());
    besieged.assert_memory_grew_by_at_most(MEBIBYTES);
    besieged.is_as_before().await;
    answers
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let besieged = Besieged::start(&IMPATIENT).await;
    let answers = all_are_ended(&besieged, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(answers.iter().all(|answer| matches!(status(answer), 0 | 408)), "{answers:?}");
}

#[tokio::test]
async fn who_never_sends_anything_is_not_waited_for() {
    let besieged = Besieged::start(&IMPATIENT).await;
    let connections = (0..CONNECTIONS).map(async |_| read_to_end(&mut besieged.connect().await).await);
    let (_, ()) = tokio::join!(join_all(connections), besieged.answers_others());
    besieged.is_as_before().await;
}

#[tokio::test]
async fn half_a_head_after_a_request_that_was_answered_is_not_waited_for() {
    let besieged = Besieged::start(&IMPATIENT).await;
    let request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ";
    let answers = all_are_ended(&besieged, request).await;
    assert!(answers.iter().all(|answer| status(answer) == 200), "{answers:?}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let besieged = Besieged::start(&IMPATIENT).await;
    let connections = (0..CONNECTIONS).map(async |_| {
        let mut connection = besieged.connect().await;
        let head = b"POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
            Content-Length: 1000\r\n\r\n{\"login\": ";
        connection.write_all(head).await.unwrap();
        read_to_end(&mut connection).await
    });
    let (answers, ()) = tokio::join!(join_all(connections), besieged.answers_others());
    assert!(answers.iter().all(|answer| status(answer) == 408 || status(answer) == 429), "{answers:?}");
    assert!(answers.iter().any(|answer| answer.contains("\"code\":\"request_timeout\"")), "{answers:?}");
    besieged.is_as_before().await;
}

/// The answer is there at once; what is left of the body is nobody's.
#[tokio::test]
async fn a_body_that_nobody_asked_for_is_not_waited_for() {
    let besieged = Besieged::start(&IMPATIENT).await;
    for length in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let head = format!("POST /nothing HTTP/1.1\r\nHost: x\r\n{length}\r\n\r\nfffff\r\n");
        let answers = all_are_ended(&besieged, head.as_bytes()).await;
        assert!(answers.iter().all(|answer| status(answer) == 404), "{length}: {answers:?}");
    }
}

#[tokio::test]
async fn an_upload_that_stops_is_ended_and_leaves_nothing() {
    let besieged = Besieged::start(&IMPATIENT).await;
    let server = &besieged.server;
    let ada = Account::register(server, "ada").await;
    let head = format!(
        "POST /v1/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n\
         --b\r\nContent-Disposition: form-data; name=\"audio\"; filename=\"a\"\r\nContent-Type: audio/mpeg\r\n\r\n",
        ada.access_token()
    );
    let mut connection = besieged.connect().await;
    connection.write_all(head.as_bytes()).await.unwrap();
    connection.write_all(&vec![7; 1_000_000]).await.unwrap();
    let answer = read_to_end(&mut connection).await;
    assert_eq!(status(&answer), 408, "{answer}");
    besieged.wait_until("a staged file is left", || staged(server) == 0).await;
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
    besieged.is_as_before().await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_not_kept() {
    let besieged = Besieged::start(&IMPATIENT).await;
    let server = &besieged.server;
    let ada = Account::register(server, "ada").await;
    // More than what the kernel takes of it by itself.
    let path = ada.upload(server, sound::noise(400, 1), "audio/wav").await;
    let request = ada.request(server, Method::GET, &format!("{path}/audio")).build().unwrap();
    let head = format!(
        "GET {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
        request.url().path(),
        ada.access_token()
    );
    let mut connections = Vec::new();
    for _ in 0..20 {
        let mut connection = besieged.connect_narrow().await;
        connection.write_all(head.as_bytes()).await.unwrap();
        connections.push(connection);
    }
    besieged.answers_others().await;
    // All clients are there still, and take nothing.
    besieged.is_as_before().await;
    besieged.assert_memory_grew_by_at_most(MEBIBYTES);
    drop(connections);
}
