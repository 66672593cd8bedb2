//! A worker of lazy-lecture's, in Python, and a queue for it.

use std::{path::Path, process::Stdio, time::Duration};

use lapin::{Connection, ConnectionProperties, options::QueueDeleteOptions};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};
use uuid::Uuid;

use crate::{python, scaled::parts::shared_url, server::Server};

/// The most that one step of a worker may take before a test gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// A queue that nobody else has, on the broker of all tests.
pub(super) struct Queue {
    pub(super) url: String,
    pub(super) name: String,
}

impl Queue {
    pub(super) fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "tests that run at once must not meet")]
        let name = format!("lectern_test_{}", Uuid::now_v7().simple());
        Self { url: shared_url("LECTERN_TEST_AMQP_URL"), name }
    }

    /// Removes it, when nobody uses it any more.
    pub(super) async fn remove(self) {
        let broker = Connection::connect(&self.url, ConnectionProperties::default()).await.unwrap();
        let channel = broker.create_channel().await.unwrap();
        for queue in [self.name.clone(), format!("{}.dead", self.name)] {
            channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
        }
        broker.close(200, "done".into()).await.unwrap();
    }
}

/// A running worker, which does what it is told. Killed when dropped.
pub(super) struct Worker {
    child: Child,
    commands: ChildStdin,
    told: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    /// One that waits for messages of that queue and opens recordings in that folder.
    pub(super) async fn start(server: &Server, queue: &Queue, folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/black_box/status_protocol/worker.py");
        let mut child = Command::new(python::interpreter())
            .arg(script)
            .arg(server.url(""))
            .arg(folder)
            .arg(&queue.name)
            .env("AMQP_URL", &queue.url)
            .env("WORKER_TOKEN", server.worker_token())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut worker = Self { child, commands, told };
        worker.until("waits").await;
        worker
    }

    /// Tells it what to do with the next chunk.
    pub(super) async fn command(&mut self, command: &str) {
        self.commands.write_all(format!("{command}\n").as_bytes()).await.unwrap();
    }

    /// The next thing that it did, which must be this.
    pub(super) async fn until(&mut self, what: &str) -> Value {
        let line = timeout(PATIENCE, self.told.next_line()).await;
        assert!(line.is_ok(), "the worker does nothing; it should have: {what}");
        let line = line.unwrap().unwrap();
        assert!(line.is_some(), "the worker ended before: {what}");
        let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
        assert_eq!(told.get("what").and_then(Value::as_str), Some(what), "{told}");
        told
    }

    /// Lets it hear a chunk: the state that the server answers.
    pub(super) async fn hear(&mut self) -> String {
        self.command("hear").await;
        state(&self.until("heard").await)
    }

    /// SIGKILL.
    pub(super) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// The state that the server answered.
pub(super) fn state(told: &Value) -> String {
    told.get("state").and_then(Value::as_str).unwrap().to_owned()
}
