//! The server speaks TLS itself, and its certificate is replaced while it runs.

mod connection;
mod pair;

use std::{process::Output, time::Duration};

use reqwest::StatusCode;
use rustls::version::{TLS12, TLS13};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{interval, timeout},
};

use crate::{
    client::Account,
    server::{Server, run, shell, spawn},
    sound,
};
use connection::Connection;
use pair::{Authority, HOST, Pair};

/// The most that the server may take to notice new files before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server with a certificate of a private authority, and a client that trusts that.
async fn start(pair: &Pair, variables: &[(&str, &str)]) -> Server {
    let files = pair.settings();
    let files: Vec<_> = files.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut server = Server::start(&[&[("LECTERN_PUBLIC_URL", "")], &files[..], variables].concat()).await;
    server.client = pair.authority.client();
    server
}

/// Waits until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut ticks = interval(Duration::from_millis(200));
    let waiting = async {
        while !is_so().await {
            ticks.tick().await;
        }
    };
    assert!(timeout(PATIENCE, waiting).await.is_ok(), "{what}");
}

#[tokio::test]
async fn people_sign_in_upload_and_watch_over_tls() {
    let server = start(&Pair::new(&Authority::new()), &[]).await;
    assert!(server.url("").starts_with("https://127.0.0.1:"), "{}", server.url(""));
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let watched = server.client.get(server.url(&format!("{path}/events"))).bearer_auth(ada.access_token());
    let mut events = watched.send().await.unwrap();
    let first = events.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("event: state"), "{first:?}");
    let audio = ada.request(&server, reqwest::Method::GET, &format!("{path}/audio")).send().await.unwrap();
    assert_eq!(audio.bytes().await.unwrap(), sound::noise(11, 1));
}

/// The bound looks at the socket beneath TLS.
#[tokio::test]
async fn one_network_can_not_take_all_connections_over_tls_either() {
    let pair = Pair::new(&Authority::new());
    let server = start(&pair, &[("LECTERN_MAX_CONNECTIONS_PER_NETWORK", "8")]).await;
    let mut kept = Vec::new();
    let mut refused = 0;
    for _ in 0..12 {
        let mut connection = Connection::open(&server, &pair.authority, HOST, &[&TLS13]).await;
        match connection.try_to_ask("/healthz").await {
            Some(200) => kept.push(connection),
            // Whoever asks late finds the connection closed.
            Some(429) | None => refused += 1,
            Some(other) => unreachable!("answered {other}"),
        }
    }
    assert!(refused >= 4, "{} of 12 were let in", kept.len());
    assert!(kept.len() >= 4, "{} of 12 were let in", kept.len());
    assert_eq!(kept[0].ask("/healthz").await, 200, "who is in stays in");
}

#[tokio::test]
async fn cookies_are_for_https_alone() {
    let server = start(&Pair::new(&Authority::new()), &[]).await;
    Account::register(&server, "ada").await;
    let body = serde_json::json!({"login": "ada", "password": Account::PASSWORD, "cookies": true});
    let answer = server.client.post(server.url("/v1/auth/login")).json(&body).send().await.unwrap();
    let cookies: Vec<_> =
        answer.headers().get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    assert!(!cookies.is_empty() && cookies.iter().all(|cookie| cookie.contains("Secure")), "{cookies:?}");
}

#[tokio::test]
async fn http_1_1_and_http_2_are_both_spoken() {
    let pair = Pair::new(&Authority::new());
    let server = start(&pair, &[]).await;
    for (flag, version) in [("--http1.1", "1.1"), ("--http2", "2")] {
        let script = format!(
            "curl -sS --noproxy '*' --cacert {} {flag} -o body -w '%{{http_version}} %{{http_code}}' {}; echo; cat body",
            pair.authority.file().display(),
            server.url("/healthz")
        );
        let output = shell(server.folder(), &script).await;
        assert_eq!(said(&output), format!("{version} 200\nok"), "{flag}");
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken_with_a_name_and_without() {
    let pair = Pair::new(&Authority::new());
    let server = start(&pair, &[]).await;
    for version in [&TLS12, &TLS13] {
        for name in [HOST, "127.0.0.1"] {
            let mut connection = Connection::open(&server, &pair.authority, name, &[version]).await;
            assert_eq!(connection.version(), version.version, "{name}");
            assert_eq!(connection.ask("/healthz").await, 200, "{name}");
        }
    }
}

#[tokio::test]
async fn tls_1_1_is_refused() {
    let server = start(&Pair::new(&Authority::new()), &[]).await;
    // A fatal alert: protocol_version (RFC 8446, section 6.2).
    assert_eq!(connection::answer_to_hello(&server, [3, 2]).await, [21, 3, 3, 0, 2, 2, 70]);
    // A hello of the server, to the same client if it knows TLS 1.2.
    assert!(matches!(connection::answer_to_hello(&server, [3, 3]).await, [22, 3, 3, _, _, 2, _]));
}

#[tokio::test]
async fn who_speaks_no_tls_is_turned_away() {
    let server = start(&Pair::new(&Authority::new()), &[]).await;
    let address = server.url("").replace("https://", "");
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let ended = timeout(PATIENCE, plain.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "the connection ends");
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn who_begins_a_handshake_and_falls_silent_is_cut_off_and_in_nobodys_way() {
    let server = start(&Pair::new(&Authority::new()), &[]).await;
    let address = server.url("").replace("https://", "");
    let mut silent = TcpStream::connect(address).await.unwrap();
    silent.write_all(&[22, 3, 1]).await.unwrap();
    let health = server.client.get(server.url("/healthz")).send().await.unwrap();
    assert_eq!(health.status(), StatusCode::OK);
    let mut rest = Vec::new();
    assert!(timeout(PATIENCE, silent.read_to_end(&mut rest)).await.is_ok(), "the connection ends");
}

#[tokio::test]
async fn a_new_certificate_is_served_without_a_restart_and_open_connections_go_on() {
    let authority = Authority::new();
    let pair = Pair::new(&authority);
    let server = start(&pair, &[]).await;
    let mut open = Connection::open(&server, &authority, HOST, &[&TLS13]).await;
    let before = open.certificate();
    pair.renew();
    until("the new certificate", async || {
        assert_eq!(open.ask("/healthz").await, 200, "what is open goes on");
        Connection::open(&server, &authority, HOST, &[&TLS13]).await.certificate() != before
    })
    .await;
    assert_eq!(open.ask("/healthz").await, 200, "what is open goes on");
    let after = Connection::open(&server, &authority, HOST, &[&TLS13]).await;
    assert_eq!(after.certificate(), pair.certificate());
}

#[tokio::test]
async fn a_broken_pair_keeps_the_old_certificate_and_is_complained_about_once() {
    let authority = Authority::new();
    let pair = Pair::new(&authority);
    let server = start(&pair, &[]).await;
    let before = pair.certificate();
    pair.write_key_of_another();
    until("the complaint", async || server.log().contains("CAN'T BE USED")).await;
    let connection = Connection::open(&server, &authority, HOST, &[&TLS13]).await;
    assert_eq!(connection.certificate(), before);
    pair.renew();
    until("the new certificate", async || {
        Connection::open(&server, &authority, HOST, &[&TLS13]).await.certificate() == pair.certificate()
    })
    .await;
    let complaints: Vec<_> =
        server.log().lines().filter(|line| line.contains("CAN'T BE USED")).map(str::to_owned).collect();
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints.concat().contains("is not that of the certificate"), "{complaints:?}");
}

#[tokio::test]
async fn a_server_does_not_start_with_a_pair_that_can_not_be_used() {
    let pair = Pair::new(&Authority::new());
    pair.write_key_of_another();
    let folder = TempDir::new().unwrap();
    let files = pair.settings();
    let files: Vec<_> = files.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let output = run(folder.path(), &files, &["serve"]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("can't serve TLS: the key "), "{}", said(&output));
    assert!(!folder.path().join("data/lectern.db").exists(), "and has changed nothing");
}

#[tokio::test]
async fn a_worker_far_away_trusts_the_authority_that_its_machine_does() {
    let pair = Pair::new(&Authority::new());
    let server = start(&pair, &[("LECTERN_WORKER", "off")]).await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let (token, trusted) = (server.worker_token(), pair.authority.file().display().to_string());
    let variables = [
        ("LECTERN_WORKER_TOKEN", token.as_str()),
        ("LECTERN_RECOGNIZER", "command"),
        ("LECTERN_RECOGNIZER_COMMAND", "echo heard {wav}"),
        ("SSL_CERT_FILE", trusted.as_str()),
    ];
    let _worker = spawn(server.folder(), &variables, &["worker", "--server", &server.url("")]);
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());
}

#[tokio::test]
async fn the_doctor_looks_at_the_certificate() {
    let pair = Pair::new(&Authority::new());
    let server = start(&pair, &[]).await;
    let folder = server.folder();
    let files = pair.settings();
    let files: Vec<_> = files.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for (public_url, verdict) in [("https://lectern.test", "ok"), ("https://elsewhere.test", "problem")] {
        let variables = [&[("LECTERN_PUBLIC_URL", public_url)], &files[..]].concat();
        let output = run(folder, &variables, &["doctor", "--json"]).await;
        let findings: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let of = |check: &str| {
            let found = findings.iter().find(|finding| finding.get("check") == Some(&Value::from(check)));
            found.and_then(|finding| finding.get("verdict")).and_then(Value::as_str).map(str::to_owned)
        };
        assert_eq!(of("certificate").as_deref(), Some("ok"));
        assert_eq!(of("certificate's names").as_deref(), Some(verdict), "{public_url}");
        assert_eq!(of("certificate's issuers").as_deref(), Some("ok"));
    }
}
