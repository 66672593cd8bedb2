//! A server of a test's own, which it may stop and break.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use redis::{Client, FromRedisValue, aio::MultiplexedConnection};
use rustix::process::{Pid, Signal, kill_process};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::fixture::eventually;

/// A server at a socket in a folder of its own. What it holds is gone when it ends.
pub(crate) struct PrivateServer {
    folder: TempDir,
    child: Option<Child>,
}

impl PrivateServer {
    /// A place for a server, where none runs yet.
    pub(crate) fn absent() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), child: None }
    }

    /// One that takes connections.
    pub(crate) async fn running() -> Self {
        let mut server = Self::absent();
        server.start().await;
        server
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    pub(crate) fn url(&self) -> SecretString {
        format!("redis+unix://{}", self.socket().display()).into()
    }

    pub(crate) async fn start(&mut self) {
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--appendonly", "no", "--dir"])
            .arg(self.folder.path())
            .arg("--unixsocket")
            .arg(self.socket())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program redis-server must be in the PATH: install Debian's package redis-server");
        self.child = Some(child);
        let client = self.client();
        eventually(async || client.get_multiplexed_async_connection().await.is_ok()).await;
    }

    /// Ends it as a power failure would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// From now on it takes connections and questions, and answers nothing.
    pub(crate) fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// It answers again.
    pub(crate) fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(self.child.as_ref().unwrap()), signal).unwrap();
    }

    fn client(&self) -> Client {
        Client::open(format!("redis+unix://{}", self.socket().display())).unwrap()
    }

    /// A connection of the test's own.
    pub(crate) async fn connection(&self) -> MultiplexedConnection {
        self.client().get_multiplexed_async_connection().await.unwrap()
    }

    /// What a command answers.
    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &[&str]) -> T {
        let (name, arguments) = command.split_first().unwrap();
        redis::cmd(name).arg(arguments).query_async(&mut self.connection().await).await.unwrap()
    }
}

impl Drop for PrivateServer {
    fn drop(&mut self) {
        self.kill();
    }
}
