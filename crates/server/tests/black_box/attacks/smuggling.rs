//! Requests whose end is not where one thinks (RFC 9112, section 11.2). Each is refused, and nothing behind it is a request.

use super::besieged::{Besieged, status};

/// What would be answered 200 if it were taken for a request.
const HIDDEN: &str = "GET /healthz HTTP/1.1\r\nHost: hidden\r\nConnection: close\r\n\r\n";
/// The head of a request with a body, but for how long that is.
const POST: &str = "POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";

/// One answer, which refuses.
async fn assert_refused(besieged: &Besieged, what: &str, request: &str) {
    let answer = besieged.exchange(request.as_bytes()).await;
    assert!(matches!(status(&answer), 400 | 431), "{what}: {answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{what}: {answer}");
}

#[tokio::test]
async fn a_body_whose_length_is_not_clear_is_refused() {
    let besieged = Besieged::start(&[]).await;
    for (what, headers) in [
        ("both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked"),
        ("both lengths the other way", "Transfer-Encoding: chunked\r\nContent-Length: 4"),
        ("two lengths", "Content-Length: 4\r\nContent-Length: 5"),
        ("the same length twice", "Content-Length: 4\r\nContent-Length: 4"),
        ("a list of lengths", "Content-Length: 4, 4"),
        ("a sign", "Content-Length: +4"),
        ("a negative length", "Content-Length: -4"),
        ("a length in hexadecimal", "Content-Length: 0x4"),
        ("a length of no number", "Content-Length: four"),
        ("a length beyond all numbers", "Content-Length: 99999999999999999999999"),
        ("two encodings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
        ("a list of encodings", "Transfer-Encoding: chunked, identity"),
        ("chunks that are not last", "Transfer-Encoding: chunked, gzip"),
        ("no chunks", "Transfer-Encoding: identity"),
        ("an unknown encoding", "Transfer-Encoding: xchunked"),
        ("an encoding in quotes", "Transfer-Encoding: \"chunked\""),
        ("a space before the colon", "Transfer-Encoding : chunked"),
        ("a folded line", "Transfer-Encoding:\r\n chunked"),
        ("a name with a null", "Transfer\0-Encoding: chunked"),
        ("a value with a null", "X-A: a\0b\r\nContent-Length: 4"),
        ("a bare carriage return", "X-A: a\rContent-Length: 4"),
    ] {
        assert_refused(&besieged, what, &format!("{POST}{headers}\r\n\r\n0\r\n\r\n{HIDDEN}")).await;
    }
    besieged.answers_others().await;
}

#[tokio::test]
async fn a_chunk_whose_size_is_none_is_refused() {
    let besieged = Besieged::start(&[]).await;
    for size in ["x", "-1", "+5", "0x5", " 5", "5 5", "\n5", "5\n", ";", "5;a\0", "fffffffffffffffff", "5\rX"]
    {
        let request = format!("{POST}Transfer-Encoding: chunked\r\n\r\n{size}\r\nhello\r\n0\r\n\r\n{HIDDEN}");
        assert_refused(&besieged, size, &request).await;
    }
    let longer_than_said =
        format!("{POST}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}{{}}\r\n0\r\n\r\n{HIDDEN}");
    assert_refused(&besieged, "longer than said", &longer_than_said).await;
    besieged.answers_others().await;
}

#[tokio::test]
async fn a_request_that_is_none_is_refused() {
    let besieged = Besieged::start(&[]).await;
    for (what, request) in [
        ("no host", "GET /healthz HTTP/1.1\r\n\r\n"),
        ("two hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        ("no version", "GET /healthz\r\nHost: x\r\n\r\n"),
        ("another version", "GET /healthz HTTP/3.0\r\nHost: x\r\n\r\n"),
        ("chunks of the last century", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a space in the path", "GET /health z HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a null in the path", "GET /health\0z HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a folded line", "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n"),
        ("a line without a colon", "GET /healthz HTTP/1.1\r\nHost: x\r\nnothing\r\n\r\n"),
        ("TLS", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\r\n\r\n"),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ] {
        assert_refused(&besieged, what, &format!("{request}{HIDDEN}")).await;
    }
    besieged.answers_others().await;
}

/// A client that wants to be upgraded goes on in HTTP, and what it sends then is not another protocol.
#[tokio::test]
async fn nobody_is_upgraded_to_anything() {
    let besieged = Besieged::start(&[]).await;
    for upgrade in ["websocket", "h2c", "TLS/1.0"] {
        let head = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n";
        let mut connection = besieged.connect().await;
        tokio::io::AsyncWriteExt::write_all(
            &mut connection,
            format!("{head}Upgrade: {upgrade}\r\n\r\n").as_bytes(),
        )
        .await
        .unwrap();
        tokio::io::AsyncWriteExt::shutdown(&mut connection).await.unwrap();
        let answer = super::besieged::read_to_end(&mut connection).await;
        assert_ne!(status(&answer), 101, "{upgrade}: {answer}");
    }
    besieged.answers_others().await;
}
