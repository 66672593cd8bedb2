//! A client that costs little: kept connections, requests that were written once, and no more of HTTP/1.1
//! (RFC 9112) than these servers speak to it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::Outcome;

/// An answer without a body, and without a word about its length.
const NO_CONTENT: u16 = 204;

/// A request as it is sent.
#[derive(Clone)]
pub(crate) struct Request(Arc<[u8]>);

impl Request {
    pub(crate) fn get(path: &str, token: Option<&str>) -> Self {
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
        let authorization = authorization.unwrap_or_default();
        Self(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\n").into_bytes().into())
    }

    pub(crate) fn post(path: &str, body: &Value) -> Self {
        Self::post_from(0, path, body)
    }

    /// Without a body, as somebody who is signed in.
    pub(crate) fn post_as(path: &str, token: &str) -> Self {
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n");
        Self(format!("{head}Content-Length: 0\r\n\r\n").into_bytes().into())
    }

    /// As a proxy on this machine passes it on that came from host `number` of a large network.
    pub(crate) fn post_from(number: u32, path: &str, body: &Value) -> Self {
        let body = body.to_string();
        let length = body.len();
        let host = Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + number);
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {host}\r\n");
        let of_body = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        Self(format!("{head}{of_body}{body}").into_bytes().into())
    }
}

/// An answer.
pub(crate) struct Response {
    status: u16,
    body: Vec<u8>,
}

impl Response {
    /// Its body, if it is a success.
    pub(crate) fn ok(self) -> Outcome<Vec<u8>> {
        if (200..300).contains(&self.status) {
            return Ok(self.body);
        }
        Err(format!("{}: {}", self.status, String::from_utf8_lossy(&self.body)).into())
    }
}

/// A kept connection.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// Where the parts of a received answer are.
struct Layout {
    status: u16,
    head: usize,
    whole: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(8 * 1024) })
    }

    pub(crate) async fn send(&mut self, request: &Request) -> Outcome<Response> {
        let Layout { status, head, whole } = self.exchange(request).await?;
        let body = self.received.get(head..whole).ok_or("a cut answer")?.to_vec();
        Ok(Response { status, body })
    }

    async fn exchange(&mut self, request: &Request) -> Outcome<Layout> {
        self.received.clear();
        self.stream.write_all(&request.0).await?;
        loop {
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(layout) = layout(&self.received)?
                && self.received.len() >= layout.whole
            {
                return Ok(layout);
            }
        }
    }
}

/// `None` as long as the head has not ended.
fn layout(received: &[u8]) -> Outcome<Option<Layout>> {
    let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(received.get(..end).unwrap_or_default())?;
    let status = head.get(9..12).ok_or("no status")?.parse()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = match length {
        Some((_, length)) => length.parse()?,
        None if status == NO_CONTENT => 0,
        None => return Err("an answer of unknown length".into()),
    };
    Ok(Some(Layout { status, head: end + 4, whole: end + 4 + length }))
}

/// How much is asked of whom.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    /// How long each connection rests after an answer.
    pub(crate) pause: Duration,
}

/// What came of it.
pub(crate) struct Measured {
    latencies: Vec<Duration>,
    took: Duration,
}

impl Measured {
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(crate) fn per_second(&self) -> f64 {
        self.latencies.len() as f64 / self.took.as_secs_f64()
    }

    /// Only one answer in a hundred took longer.
    pub(crate) fn p99(mut self) -> Duration {
        self.latencies.sort_unstable();
        self.latencies[self.latencies.len() * 99 / 100]
    }
}

/// Sends `request` again and again for `span`. Every answer has to be a success.
pub(crate) async fn load(of: Load, request: &Request, span: Duration) -> Outcome<Measured> {
    let mut connections = Vec::new();
    for _ in 0..of.connections {
        connections.push(Connection::open(of.address).await?);
    }
    let began = Instant::now();
    let tasks: Vec<_> = connections
        .into_iter()
        .map(|mut connection| {
            let request = request.clone();
            tokio::spawn(async move {
                let mut latencies = Vec::new();
                while began.elapsed() < span {
                    let sent = Instant::now();
                    let layout = connection.exchange(&request).await.map_err(|error| error.to_string())?;
                    latencies.push(sent.elapsed());
                    if layout.status != 200 {
                        return Err(format!("status {}", layout.status));
                    }
                    if !of.pause.is_zero() {
                        tokio::time::sleep(of.pause).await;
                    }
                }
                Ok(latencies)
            })
        })
        .collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(Measured { latencies, took: began.elapsed() })
}
