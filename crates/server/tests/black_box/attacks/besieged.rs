//! A server under attack, and what has to hold: others get answers, its memory is bounded, and afterwards it is as before.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{interval, timeout},
};

use crate::{client::Account, server::Server};

/// The most that anything may take before a test gives up. The machine may be slow, and busy with other tests.
pub(super) const PATIENCE: Duration = Duration::from_mins(4);

/// Where those who have nothing to do with an attack are.
const OTHERS: Ipv4Addr = Ipv4Addr::new(127, 0, 77, 1);

/// A server, and how it was before the attack.
pub(super) struct Besieged {
    pub(super) server: Server,
    memory: u64,
    files: usize,
}

impl Besieged {
    /// Starts one that has answered requests of each kind already, so that what it needs once is there.
    pub(super) async fn start(variables: &[(&str, &str)]) -> Self {
        let server = Server::start(variables).await;
        Account::register(&server, "bystander").await;
        let mut besieged = Self { server, memory: 0, files: 0 };
        besieged.answers_others().await;
        // The most that it had so far is forgotten (proc(5), `clear_refs`).
        fs::write(format!("/proc/{}/clear_refs", besieged.server.process_id()), "5").unwrap();
        besieged.memory = besieged.kilobytes("VmRSS:");
        besieged.files = besieged.open_files();
        besieged
    }

    fn address(&self) -> SocketAddr {
        self.server.url("").strip_prefix("http://").unwrap().parse().unwrap()
    }

    /// A connection.
    pub(super) async fn connect(&self) -> TcpStream {
        self.connect_from(Ipv4Addr::LOCALHOST).await
    }

    /// A connection from another address of this machine.
    pub(super) async fn connect_from(&self, from: Ipv4Addr) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        timeout(PATIENCE, socket.connect(self.address())).await.unwrap().unwrap()
    }

    /// A connection whose client takes little at once.
    pub(super) async fn connect_narrow(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        timeout(PATIENCE, socket.connect(self.address())).await.unwrap().unwrap()
    }

    /// Sends bytes on a connection of their own, and reads all of what is answered. The last request has to end the connection.
    pub(super) async fn exchange(&self, request: &[u8]) -> String {
        let mut connection = self.connect().await;
        // The server may end the connection before it has read all of it.
        let _ = connection.write_all(request).await;
        read_to_end(&mut connection).await
    }

    /// Somebody else asks, and gets an answer.
    pub(super) async fn answers_others(&self) {
        let client =
            reqwest::Client::builder().no_proxy().local_address(Some(OTHERS.into())).build().unwrap();
        let asked = async {
            let health = client.get(self.server.url("/healthz")).send().await.unwrap();
            let body = serde_json::json!({"login": "nobody", "password": "wrong"});
            let login = client.post(self.server.url("/v1/auth/login")).json(&body).send().await.unwrap();
            [health.status().as_u16(), login.status().as_u16()]
        };
        let statuses = timeout(PATIENCE, asked).await.unwrap();
        assert!(statuses == [200, 401] || statuses == [200, 429], "{statuses:?}: {}", self.server.log());
    }

    /// At no moment did the server have more memory than that on top of what it had before.
    pub(super) fn assert_memory_grew_by_at_most(&self, mebibytes: u64) {
        let grown = self.kilobytes("VmHWM:").saturating_sub(self.memory) / 1024;
        assert!(grown <= mebibytes, "the server grew by {grown} MiB");
    }

    /// The server goes back to the files that it had open before: connections are gone.
    pub(super) async fn is_as_before(&self) {
        // Those of connections to its database come and go.
        let few = self.files + 8;
        self.wait_until("connections are left open", || self.open_files() <= few).await;
        self.answers_others().await;
    }

    /// Waits for something.
    pub(super) async fn wait_until(&self, or_else: &str, is_so: impl Fn() -> bool) {
        let mut ticks = interval(Duration::from_millis(100));
        let waited = async {
            while !is_so() {
                ticks.tick().await;
            }
        };
        let waited = timeout(PATIENCE, waited).await;
        assert!(waited.is_ok(), "{or_else}: {} files are open", self.open_files());
    }

    /// The files that the server has open.
    pub(super) fn open_files(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.server.process_id())).unwrap().count()
    }

    fn kilobytes(&self, of: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.process_id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(of)).unwrap();
        line.trim().trim_end_matches("kB").trim().parse().unwrap()
    }
}

/// All that comes until the server ends the connection.
pub(super) async fn read_to_end(connection: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // However it ends: what came until then counts.
    let _ = timeout(PATIENCE, connection.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer; 0 where there was none.
pub(super) fn status(answer: &str) -> u16 {
    answer
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3))
        .and_then(|code| code.parse().ok())
        .unwrap_or(0)
}

/// Sends a byte now and then until the server ends the connection, and says what it answered.
pub(super) async fn trickle(mut connection: TcpStream) -> String {
    let (mut incoming, mut outgoing) = connection.split();
    let mut answer = Vec::new();
    let trickling = async {
        let mut ticks = interval(Duration::from_millis(300));
        while outgoing.write_all(b"x").await.is_ok() {
            ticks.tick().await;
        }
        std::future::pending::<()>().await;
    };
    let reading = timeout(PATIENCE, incoming.read_to_end(&mut answer));
    tokio::select! {
        () = trickling => {}
        read = reading => assert!(read.is_ok(), "the server never ends the connection"),
    }
    String::from_utf8_lossy(&answer).into_owned()
}
