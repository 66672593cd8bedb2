//! Connections of which every byte and every certificate can be looked at.

use std::{sync::Arc, time::Duration};

use rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::pair::Authority;
use crate::server::Server;

/// The most that an answer may take before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

fn address(server: &Server) -> String {
    server.url("").replace("https://", "")
}

/// A connection that stays open, on which HTTP/1.1 is spoken.
pub(super) struct Connection(TlsStream<TcpStream>);

impl Connection {
    /// Asks for a certificate for `name`; if that is an address, for any (RFC 6066, section 3).
    pub(super) async fn open(
        server: &Server,
        trusted: &Authority,
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.certificate()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let socket = TcpStream::connect(address(server)).await.unwrap();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let opened = TlsConnector::from(Arc::new(config)).connect(name, socket);
        Self(timeout(PATIENCE, opened).await.unwrap().unwrap())
    }

    pub(super) fn version(&self) -> ProtocolVersion {
        self.0.get_ref().1.protocol_version().unwrap()
    }

    /// The certificate that the server showed.
    pub(super) fn certificate(&self) -> CertificateDer<'static> {
        self.0.get_ref().1.peer_certificates().unwrap().first().unwrap().clone().into_owned()
    }

    /// The status of the answer at a path, whose body is shorter than a kilobyte.
    pub(super) async fn ask(&mut self, path: &str) -> u16 {
        self.try_to_ask(path).await.unwrap()
    }

    /// The same; `None` if the connection ends before there is an answer.
    pub(super) async fn try_to_ask(&mut self, path: &str) -> Option<u16> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: lectern.test\r\n\r\n");
        self.0.write_all(request.as_bytes()).await.ok()?;
        let mut answer = String::new();
        while !is_whole(&answer) {
            let mut bytes = [0; 4096];
            let read = timeout(PATIENCE, self.0.read(&mut bytes)).await.unwrap().ok()?;
            if read == 0 {
                return None;
            }
            answer += &String::from_utf8_lossy(&bytes[..read]);
        }
        Some(answer.split(' ').nth(1).unwrap().parse().unwrap())
    }
}

/// Whether there are all of the bytes that the head announces.
fn is_whole(answer: &str) -> bool {
    let Some((head, body)) = answer.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
    });
    body.len() >= length.unwrap_or(0)
}

/// The record's head and its first two bytes that the server answers to a client which offers at most that version (RFC 5246,
/// section 7.4.1.2), and all else as a modern one of TLS 1.2 does.
pub(super) async fn answer_to_hello(server: &Server, version: [u8; 2]) -> [u8; 7] {
    let mut hello = version.to_vec();
    hello.extend([7; 32]);
    // No session; ECDHE with AES-128 in GCM for ECDSA; no compression; 24 bytes of extensions.
    hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 24]);
    // Groups: X25519 and P-256. Points: uncompressed. Signatures: ECDSA of P-256 with SHA-256.
    hello.extend([0, 10, 0, 6, 0, 4, 0, 29, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3]);
    let length = u8::try_from(hello.len()).unwrap();
    let record = [&[22, 3, 1, 0, length + 4, 1, 0, 0, length], hello.as_slice()].concat();
    let mut socket = TcpStream::connect(address(server)).await.unwrap();
    socket.write_all(&record).await.unwrap();
    let mut answer = [0; 7];
    timeout(PATIENCE, socket.read_exact(&mut answer)).await.unwrap().unwrap();
    answer
}
