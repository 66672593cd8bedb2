//! Heads without an end, and what else comes in the head's manner: trailers, and extensions of chunks.

use futures::future::join_all;
use tokio::io::AsyncWriteExt as _;

use super::besieged::{Besieged, read_to_end, status};

const MEBIBYTE: usize = 1024 * 1024;
/// What is sent in all.
const ALL: usize = 100 * MEBIBYTE;
/// A head has 128 KiB at most, and a connection no more in its buffers than two of these; the rest is the allocator's.
const MOST: u64 = 100;

const HEAD: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n";
const BODY: &str = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
    Transfer-Encoding: chunked\r\n\r\n";

/// Sends `begin` and then `piece` over and over until the server has had enough, or that many bytes were sent.
async fn flood(besieged: &Besieged, begin: &str, piece: &str, bytes: usize) -> String {
    let mut connection = besieged.connect().await;
    connection.write_all(begin.as_bytes()).await.unwrap();
    let block = piece.repeat(MEBIBYTE / 4 / piece.len() + 1);
    let mut sent = 0;
    while sent < bytes && connection.write_all(block.as_bytes()).await.is_ok() {
        sent += block.len();
    }
    read_to_end(&mut connection).await
}

/// 431 if the client gets to read it: it is still sending when the connection ends.
fn assert_refused(answer: &str) {
    assert!(matches!(status(answer), 0 | 400 | 431), "{answer}");
}

#[tokio::test]
async fn a_header_of_a_hundred_megabytes_is_refused() {
    let besieged = Besieged::start(&[]).await;
    let begin = format!("{HEAD}X-Huge: ");
    let (answer, ()) = tokio::join!(flood(&besieged, &begin, "x", ALL), besieged.answers_others());
    assert_refused(&answer);
    besieged.assert_memory_grew_by_at_most(MOST);
    besieged.is_as_before().await;
}

#[tokio::test]
async fn a_hundred_megabytes_of_headers_are_refused() {
    let besieged = Besieged::start(&[]).await;
    for piece in ["X-Small: x\r\n", "Cookie: a=b\r\n", "Accept: */*\r\n"] {
        assert_refused(&flood(&besieged, HEAD, piece, ALL).await);
    }
    besieged.assert_memory_grew_by_at_most(MOST);
    besieged.is_as_before().await;
}

#[tokio::test]
async fn a_hundred_connections_with_a_megabyte_of_headers_each_are_refused() {
    let besieged = Besieged::start(&[]).await;
    let begin = format!("{HEAD}X-Huge: ");
    let floods = (0..100).map(|_| flood(&besieged, &begin, "x", MEBIBYTE));
    let (answers, ()) = tokio::join!(join_all(floods), besieged.answers_others());
    for answer in answers {
        assert_refused(&answer);
    }
    besieged.assert_memory_grew_by_at_most(MOST);
    besieged.is_as_before().await;
}

/// They are thrown away as they come, and nothing of the body does, so it is given up.
#[tokio::test]
async fn trailers_and_extensions_without_an_end_are_no_body() {
    let besieged = Besieged::start(&[("LECTERN_CLIENT_TIMEOUT_SECONDS", "2")]).await;
    for (begin, piece) in
        [("2\r\n{}\r\n0\r\n", "X-Trailer: x\r\n"), ("2;", "extension=x;"), ("2\r\n{}\r\n0;", "x=y;")]
    {
        let begin = format!("{BODY}{begin}");
        let (answer, ()) = tokio::join!(flood(&besieged, &begin, piece, ALL), besieged.answers_others());
        // 422 if all of it came in time: the object is empty.
        assert!(matches!(status(&answer), 0 | 400 | 408 | 422), "{piece}: {answer}");
    }
    besieged.assert_memory_grew_by_at_most(MOST);
    besieged.is_as_before().await;
}
