//! Requests that are well-formed, and mean harm: methods, hosts, and far too much of everything.

use reqwest::{Method, StatusCode};

use super::besieged::{Besieged, status};
use crate::client::{Account, problem};

/// What a request may take, at the most, of a server that has bodies of 64 KiB.
const MOST: u64 = 50;

const PATHS: [&str; 12] = [
    "/",
    "/login",
    "/console/sessions",
    "/healthz",
    "/nothing",
    "/docs",
    "/openapi.json",
    "/v1/me",
    "/v1/auth/login",
    "/v1/transcriptions",
    "/api/v1/token",
    "/auth/refresh",
];

#[tokio::test]
async fn no_method_is_too_odd_to_be_answered() {
    let besieged = Besieged::start(&[]).await;
    for path in PATHS {
        for method in [
            "TRACE",
            "CONNECT",
            "BREW",
            "OPTIONS",
            "HEAD",
            "PROPFIND",
            "get",
            "DELETE",
            "X".repeat(500).as_str(),
        ] {
            let request = format!(
                "{method} {path} HTTP/1.1\r\nHost: x\r\nCookie: planted=marker\r\nConnection: close\r\n\r\n"
            );
            let answer = besieged.exchange(request.as_bytes()).await;
            // A CONNECT may wait for what never comes, and is closed then.
            assert!((200..500).contains(&status(&answer)), "{method} {path}: {answer}");
            assert!(!answer.contains("marker"), "{method} {path} says what it was sent: {answer}");
        }
    }
    besieged.is_as_before().await;
}

/// What the server says of itself is what its operator set.
#[tokio::test]
async fn no_host_that_a_client_names_is_believed() {
    let besieged = Besieged::start(&[]).await;
    for host in [
        "evil.example",
        "evil.example:80",
        "evil.example@lectern.test",
        "[::1]",
        "",
        "a b",
        "../..",
        "127.0.0.1:1",
    ] {
        for path in PATHS {
            for request in [
                format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n"),
                format!(
                    "GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: {host}\r\nForwarded: host={host}\r\n"
                ),
                format!("GET http://evil.example{path} HTTP/1.1\r\nHost: {host}\r\n"),
                format!("GET //evil.example{path} HTTP/1.1\r\nHost: {host}\r\n"),
            ] {
                let request = format!("{request}Accept: text/html\r\nConnection: close\r\n\r\n");
                let answer = besieged.exchange(request.as_bytes()).await;
                assert!((200..500).contains(&status(&answer)), "{request}: {answer}");
                let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
                let leads_away = head.contains("location: //") || head.contains("evil.example");
                assert!(!leads_away, "{request}: {answer}");
            }
        }
    }
}

#[tokio::test]
async fn far_too_much_in_a_head_is_refused_or_ignored() {
    let besieged = Besieged::start(&[]).await;
    let query = (0..5000).map(|number| format!("p{number}=x")).collect::<Vec<_>>().join("&");
    for (what, path, header) in [
        ("a cookie of 60 KB", "/v1/me".to_owned(), format!("Cookie: access_token={}", "x".repeat(60_000))),
        ("thousands of cookies", "/v1/me".to_owned(), format!("Cookie: {}", "a=b; ".repeat(10_000))),
        ("a query of 60 KB", format!("/healthz?{}", "x".repeat(60_000)), "X-A: a".to_owned()),
        ("thousands of parameters", format!("/v1/transcriptions?{query}"), "X-A: a".to_owned()),
        (
            "one parameter thousands of times",
            format!("/v1/me?{}", "a[]=b&".repeat(5000)),
            "X-A: a".to_owned(),
        ),
        ("a path of thousands of parts", "/a".repeat(20_000), "X-A: a".to_owned()),
        ("thousands of ranges", "/healthz".to_owned(), format!("Range: bytes={}", "0-1,".repeat(5000))),
        ("thousands of types", "/".to_owned(), format!("Accept: {}", "a/b;q=0.1,".repeat(5000))),
        (
            "thousands of proxies",
            "/healthz".to_owned(),
            format!("X-Forwarded-For: {}", "10.0.0.1,".repeat(6000)),
        ),
        ("a long token", "/v1/me".to_owned(), format!("Authorization: Bearer {}", "e".repeat(60_000))),
        ("a head of 200 KB", "/healthz".to_owned(), format!("X-A: {}", "x".repeat(200_000))),
    ] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n{header}\r\nConnection: close\r\n\r\n");
        let answer = besieged.exchange(request.as_bytes()).await;
        let is_answered = (200..500).contains(&status(&answer));
        assert!(is_answered || answer.is_empty(), "{what}: {answer}");
    }
    besieged.assert_memory_grew_by_at_most(MOST);
    besieged.is_as_before().await;
}

#[tokio::test]
async fn json_that_is_nested_without_an_end_is_refused() {
    let besieged = Besieged::start(&[]).await;
    let server = &besieged.server;
    for deep in ["[".repeat(30_000), "{\"a\":".repeat(10_000), format!("{{\"login\":{}", "[".repeat(30_000))]
    {
        for path in
            ["/v1/auth/login", "/v1/auth/register", "/api/v1/token", "/auth/login", "/v1/auth/refresh"]
        {
            let request = server.client.post(server.url(path)).header("content-type", "application/json");
            let answer = request.body(deep.clone()).send().await.unwrap();
            assert!(answer.status().is_client_error(), "{path}: {}", answer.status());
        }
    }
    besieged.assert_memory_grew_by_at_most(MOST);
}

/// 30 MB of nothing, packed a thousand to one.
fn bomb() -> Vec<u8> {
    let script = "import gzip, sys; sys.stdout.buffer.write(gzip.compress(b'{' + b' ' * 30_000_000 + b'}'))";
    let packed = std::process::Command::new("python3").args(["-c", script]).output().unwrap();
    assert!(packed.status.success() && packed.stdout.len() < 100_000);
    packed.stdout
}

#[tokio::test]
async fn nothing_is_unpacked() {
    let besieged = Besieged::start(&[]).await;
    let (server, bomb) = (&besieged.server, bomb());
    for encoding in ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity"] {
        let request =
            server.client.post(server.url("/v1/auth/login")).header("content-type", "application/json");
        let answer = request.header("content-encoding", encoding).body(bomb.clone()).send().await.unwrap();
        let (status, _) = problem(answer).await;
        assert!(matches!(status, 400 | 413 | 415), "{encoding}: {status}");
    }
    besieged.assert_memory_grew_by_at_most(MOST);
}

/// Sends a form as the body of an upload.
async fn upload(besieged: &Besieged, account: &Account, form: Vec<u8>) -> StatusCode {
    let request = account.request(&besieged.server, Method::POST, "/v1/transcriptions");
    let request = request.header("content-type", "multipart/form-data; boundary=b").body(form);
    request.send().await.map_or(StatusCode::BAD_REQUEST, |answer| answer.status())
}

#[tokio::test]
async fn forms_of_thousands_of_parts_or_of_huge_ones_are_refused() {
    let besieged = Besieged::start(&[]).await;
    let ada = Account::register(&besieged.server, "ada").await;
    let part = "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nx\r\n";
    let thousands = format!("{}--b--\r\n", part.repeat(50_000));
    let titles = format!("{}--b--\r\n", part.replace("\"x\"", "\"title\"").repeat(50_000));
    let long_header = format!(
        "--b\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\nx\r\n--b--",
        "x".repeat(10_000_000)
    );
    let headers = format!("--b\r\n{}\r\nx\r\n--b--", "X-A: x\r\n".repeat(1_000_000));
    let no_boundary = "x".repeat(10_000_000);
    for (what, form) in [
        ("thousands of parts", thousands),
        ("thousands of titles", titles),
        ("a long header", long_header),
        ("a million headers", headers),
        ("no boundary", no_boundary),
    ] {
        let status = upload(&besieged, &ada, form.into_bytes()).await;
        assert!(status.is_client_error(), "{what}: {status}");
    }
    besieged.assert_memory_grew_by_at_most(MOST);
    besieged.is_as_before().await;
    assert_eq!(crate::uploads::staged(&besieged.server), 0);
}

/// The next requests are there before the answers to the first are: they are answered in order, as fast as those are read.
#[tokio::test]
async fn thousands_of_requests_at_once_on_one_connection_are_answered_one_by_one() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const COUNT: usize = 20_000;
    let besieged = Besieged::start(&[]).await;
    let (mut incoming, mut outgoing) = besieged.connect().await.into_split();
    let sending = tokio::spawn(async move {
        let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
        outgoing.write_all(request.repeat(COUNT).as_bytes()).await.unwrap();
        outgoing
    });
    besieged.answers_others().await;
    let (mut answered, mut buffer) = (0, vec![0; 1 << 16]);
    let mut rest = String::new();
    while answered < COUNT {
        let read = tokio::time::timeout(super::besieged::PATIENCE, incoming.read(&mut buffer))
            .await
            .unwrap()
            .unwrap();
        assert_ne!(read, 0, "the connection ended after {answered} answers");
        rest.push_str(&String::from_utf8_lossy(&buffer[..read]));
        answered += rest.matches("HTTP/1.1 200").count();
        if let Some(last) = rest.rfind("HTTP/1.1 200") {
            rest.drain(..last + "HTTP/1.1 200".len());
        }
    }
    drop(sending.await.unwrap());
    besieged.assert_memory_grew_by_at_most(MOST);
    besieged.is_as_before().await;
}
