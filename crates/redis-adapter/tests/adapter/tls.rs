//! `rediss://`: certificates are checked against those that the machine trusts.

use std::{
    env,
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use lectern_application::ports::{LimitClass, RateLimiter};
use lectern_domain::throttling::Network;
use lectern_redis_adapter::RedisState;
use lectern_testkit::{clock::FakeClock, contract::rate_limiter::quotas};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::fixture::{Replica, eventually, settings_of};

/// Where the process that trusts the certificate finds the server.
const SERVER: &str = "LECTERN_TEST_TLS_SERVER";

/// A server that speaks TLS alone, with a certificate that it has made itself.
struct TlsServer {
    folder: TempDir,
    port: u16,
    child: Child,
}

impl TlsServer {
    async fn running() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
        std::fs::write(&certificate, certified.cert.pem()).unwrap();
        std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("redis-server");
        command.args([
            "--port",
            "0",
            "--save",
            "",
            "--bind",
            "127.0.0.1",
            "--tls-auth-clients",
            "no",
            "--dir",
        ]);
        command.arg(folder.path()).arg("--tls-port").arg(port.to_string());
        command.arg("--tls-cert-file").arg(&certificate).arg("--tls-key-file").arg(&key);
        command.arg("--tls-ca-cert-file").arg(&certificate);
        let child = command
            .stdout(Stdio::null())
            .spawn()
            .expect("the program redis-server must be in the PATH: install Debian's package redis-server");
        eventually(async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Self { folder, port, child }
    }

    fn url(&self) -> String {
        format!("rediss://localhost:{}", self.port)
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_refused() {
    let server = TlsServer::running().await;
    let replica = Replica::begin(settings_of(&server.url().into()), Arc::new(FakeClock::default())).await;
    assert!(!replica.redis.state().commands.is_in_reach());
}

/// What a machine trusts is of the process, so there is another one: this test again, which then finds the server named.
#[tokio::test]
async fn a_certificate_that_the_machine_trusts_is_accepted() {
    if let Some(url) = env::var_os(SERVER) {
        let url = url.into_string().unwrap().into();
        let replica = Replica::begin(settings_of(&url), Arc::new(FakeClock::default())).await;
        replica.until(RedisState::is_in_reach).await;
        let limiter = replica.redis.rate_limiter(quotas());
        assert_eq!(limiter.take(LimitClass::LogIn, Network::of(None)).await.remaining, 2);
        return;
    }
    let server = TlsServer::running().await;
    let trusting = Command::new(env::current_exe().unwrap())
        .args(["--exact", "tls::a_certificate_that_the_machine_trusts_is_accepted"])
        .env(SERVER, server.url())
        .env("SSL_CERT_FILE", server.folder.path().join("certificate.pem"))
        .output()
        .unwrap();
    let said = String::from_utf8(trusting.stdout).unwrap();
    assert!(trusting.status.success() && said.contains("1 passed"), "{said}");
}
