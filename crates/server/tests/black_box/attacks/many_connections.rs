//! More connections than anybody needs.

use std::net::Ipv4Addr;

use futures::{StreamExt as _, stream};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::besieged::{Besieged, read_to_end, status};

const HEALTH: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// An address of this machine that is not that of others.
fn network(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 66, number)
}

async fn connections(besieged: &Besieged, from: Ipv4Addr, count: usize) -> Vec<TcpStream> {
    stream::iter(0..count).map(|_| besieged.connect_from(from)).buffer_unordered(50).collect().await
}

/// Lets this process have as many files open as it may.
fn raise_own_limit(needed: u64) {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    let enough = limit.maximum.is_none_or(|most| most >= needed);
    assert!(enough, "this test needs {needed} open files: raise the hard limit (ulimit -Hn) to that");
}

/// 10,000 at once, from five networks, a tenth of which asked for something before.
#[tokio::test]
async fn ten_thousand_idle_connections_are_nothing() {
    raise_own_limit(12_000);
    let patient = [
        ("LECTERN_HEADER_TIMEOUT_SECONDS", "3600"),
        ("LECTERN_KEEP_ALIVE_SECONDS", "3600"),
        ("LECTERN_RATE_LIMITS", "off"),
    ];
    let besieged = Besieged::start(&patient).await;
    let mut idle = Vec::new();
    for number in 1..=5 {
        let mut of_one = connections(&besieged, network(number), 2000).await;
        for connection in of_one.iter_mut().take(200) {
            connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        }
        besieged.answers_others().await;
        idle.extend(of_one);
    }
    assert_eq!(idle.len(), 10_000);
    besieged.wait_until("not all are taken", || besieged.open_files() >= 10_000).await;
    besieged.answers_others().await;
    // About 10 KiB each: two buffers of 32 KiB that are hardly touched, and what the server knows of a connection. Twice that,
    // as memory comes in larger pieces.
    besieged.assert_memory_grew_by_at_most(200);
    drop(idle);
    besieged.is_as_before().await;
}

#[tokio::test]
async fn one_network_can_not_take_all_connections() {
    let limits = [
        ("LECTERN_MAX_CONNECTIONS", "200"),
        ("LECTERN_MAX_CONNECTIONS_PER_NETWORK", "50"),
        ("LECTERN_KEEP_ALIVE_SECONDS", "3600"),
    ];
    let besieged = Besieged::start(&limits).await;
    let mut greedy = connections(&besieged, network(1), 50).await;
    for connection in &mut greedy {
        // Who was answered was counted.
        connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert!(connection.read(&mut [0; 1024]).await.unwrap() > 0);
    }
    for _ in 0..50 {
        let mut more = besieged.connect_from(network(1)).await;
        let _ = more.write_all(HEALTH).await;
        let answer = read_to_end(&mut more).await;
        // Whoever asks late finds the connection closed.
        assert!(matches!(status(&answer), 0 | 429), "{answer}");
    }
    besieged.answers_others().await;
    drop(greedy);
    besieged.is_as_before().await;
    let mut again = besieged.connect_from(network(1)).await;
    again.write_all(HEALTH).await.unwrap();
    assert_eq!(status(&read_to_end(&mut again).await), 200);
}

/// What is taken is given back when heads don't come, so whoever waits gets in.
#[tokio::test]
async fn where_all_connections_are_taken_others_wait_and_get_in() {
    let limits = [("LECTERN_MAX_CONNECTIONS", "40"), ("LECTERN_HEADER_TIMEOUT_SECONDS", "2")];
    let besieged = Besieged::start(&limits).await;
    let mut idle = Vec::new();
    for number in 1..=4 {
        idle.extend(connections(&besieged, network(number), 30).await);
    }
    besieged.answers_others().await;
    drop(idle);
    besieged.is_as_before().await;
}
