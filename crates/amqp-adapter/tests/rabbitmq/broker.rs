//! The broker that tests were given, as workers and operators see it.

use std::{
    env, process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use lapin::{
    Channel, Connection, ConnectionProperties,
    message::BasicGetMessage,
    options::{BasicGetOptions, QueueDeclareOptions, QueueDeleteOptions},
    types::FieldTable,
};
use lectern_amqp_adapter::{AmqpSettings, QueueName, RabbitAnnouncer};
use lectern_application::ports::Announcement;
use lectern_domain::{
    account::UserNumber,
    transcription::{TranscriptionId, TranscriptionNumber},
};
use lectern_testkit::{build::fresh_id, clock::FakeClock};
use tokio::process::Command;
use url::Url;

/// The longest that anything may take. Only what hangs is ever that slow.
const PATIENCE: Duration = Duration::from_secs(30);

#[expect(clippy::disallowed_methods, reason = "only whoever runs the tests knows where the servers are")]
fn given(name: &str) -> String {
    let value = env::var(name);
    value.unwrap_or_else(|_| {
        panic!("set {name}, or run it by `cargo xtask services -- cargo test …`, which starts one")
    })
}

/// The broker's URL.
pub(crate) fn url() -> Url {
    Url::parse(&given("LECTERN_TEST_AMQP_URL")).unwrap()
}

/// Runs `rabbitmqctl`.
pub(crate) async fn rabbitmqctl(arguments: &[&str]) {
    let command = shlex::split(&given("LECTERN_TEST_RABBITMQCTL")).unwrap();
    let (program, rest) = command.split_first().unwrap();
    let output = Command::new(program).args(rest).args(arguments).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What `promised` comes to; a panic if it hangs.
pub(crate) async fn without_hanging<F: Future>(promised: F) -> F::Output {
    tokio::time::timeout(PATIENCE, promised).await.unwrap()
}

/// An announcer to that queue by that URL.
pub(crate) fn announcer(url: &Url, queue: &str) -> RabbitAnnouncer {
    let settings = AmqpSettings::parse(&url.to_string().into()).unwrap();
    RabbitAnnouncer::start(settings, QueueName::parse(queue).unwrap(), Arc::new(FakeClock::default()))
}

/// Something to announce.
pub(crate) fn job(number: i64) -> Announcement {
    Announcement {
        transcription: TranscriptionNumber(number),
        owner: UserNumber(number + 1_000),
        id: TranscriptionId(fresh_id()),
    }
}

/// A queue of the test's own, and that of its dead letters. Both are gone at [`end`](Self::end).
pub(crate) struct OwnQueue {
    pub(crate) name: String,
    connection: Connection,
    /// The worker's. What it was given and has not acknowledged goes back to the queue with it.
    worker: Channel,
}

impl OwnQueue {
    /// A name that is nobody's, and a connection of the test's own.
    pub(crate) async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("lectern-test-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let connection = Connection::connect(url().as_str(), ConnectionProperties::default()).await.unwrap();
        let worker = connection.create_channel().await.unwrap();
        let queue = Self { name, connection, worker };
        // Left by an earlier process of that id.
        queue.delete().await;
        queue
    }

    pub(crate) fn announcer(&self) -> RabbitAnnouncer {
        announcer(&url(), &self.name)
    }

    pub(crate) fn dead_letters(&self) -> String {
        format!("{}.dead", self.name)
    }

    /// A channel of its own: an error closes it.
    pub(crate) async fn channel(&self) -> Channel {
        self.connection.create_channel().await.unwrap()
    }

    /// Declares it as somebody else might.
    pub(crate) async fn declare(&self, options: QueueDeclareOptions, arguments: FieldTable) {
        let channel = self.channel().await;
        channel.queue_declare(self.name.as_str().into(), options, arguments).await.unwrap();
    }

    /// Deletes it with all that is in it.
    pub(crate) async fn delete(&self) {
        let channel = self.channel().await;
        for name in [self.name.clone(), self.dead_letters()] {
            channel.queue_delete(name.into(), QueueDeleteOptions::default()).await.unwrap();
        }
    }

    /// What a worker is given next. It is not acknowledged, unless the test does so.
    pub(crate) async fn next(&self) -> Option<BasicGetMessage> {
        self.worker.basic_get(self.name.as_str().into(), BasicGetOptions { no_ack: false }).await.unwrap()
    }

    /// The bodies of all messages, taken off the queue.
    pub(crate) async fn bodies(&self) -> Vec<String> {
        let (name, options) = (self.name.as_str(), BasicGetOptions { no_ack: true });
        let mut bodies = Vec::new();
        while let Some(message) = self.worker.basic_get(name.into(), options).await.unwrap() {
            bodies.push(String::from_utf8(message.delivery.data).unwrap());
        }
        bodies
    }

    /// Leaves nothing behind.
    pub(crate) async fn end(self) {
        self.delete().await;
    }
}

/// The body of [`job`].
pub(crate) fn body(number: i64) -> String {
    format!(r#"{{"transcription_id":{number},"user_id":{}}}"#, number + 1_000)
}
