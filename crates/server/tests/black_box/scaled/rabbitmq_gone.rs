//! RabbitMQ dies, is slow, and comes back.

use std::{collections::BTreeSet, time::Duration};

use lapin::options::{BasicGetOptions, QueueDeclareOptions};
use serde_json::Value;
use tokio::time::{interval, timeout};

use super::{
    answer::Refusal,
    cluster::{Cluster, Plan},
    keen::{Keen, new_key},
    parts::{Stand, Stands},
};
use crate::sound;

/// How long announcements may take: the relay waits up to half a minute between tries while there is no broker.
const PATIENCE: Duration = Duration::from_secs(90);

/// A service whose jobs nobody takes, and what it has accepted.
struct Submitted {
    cluster: Cluster,
    clients: Vec<Keen>,
    /// By which messages name transcriptions.
    numbers: BTreeSet<i64>,
}

impl Submitted {
    async fn nothing(rabbitmq: Stand) -> Self {
        let stands = Stands { rabbitmq, ..Stands::default() };
        let settings = [("LECTERN_WORKER", "off")].into();
        let cluster = Cluster::start(Plan { replicas: 2, stands, settings, ..Plan::default() }).await;
        Self { cluster, clients: Vec::new(), numbers: BTreeSet::new() }
    }

    /// Uploads so many recordings, each by somebody else.
    async fn upload(&mut self, count: u32) {
        for _ in 0..count {
            let name = format!("client{}", self.clients.len());
            let client = Keen::register(&self.cluster.entrances(), &name).await;
            let path = client.upload(&sound::noise(11, count), &new_key()).await.unwrap();
            let number = client.get(&path).await.get("number").and_then(Value::as_i64).unwrap();
            self.numbers.insert(number);
            self.clients.push(client);
        }
    }

    fn refusals(&self) -> Vec<Refusal> {
        self.clients.iter().flat_map(Keen::refusals).collect()
    }

    /// Takes messages from the queue until each transcription was named.
    async fn until_all_announced(&self) {
        let mut announced = BTreeSet::new();
        let broker = self.cluster.parts.broker().await;
        let channel = broker.create_channel().await.unwrap();
        let queue = self.cluster.parts.queue();
        // As workers declare it that know nothing of us.
        let plain = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(queue.into(), plain, lapin::types::FieldTable::default()).await.unwrap();
        let mut looks = interval(Duration::from_millis(50));
        let all = async {
            while announced != self.numbers {
                looks.tick().await;
                let options = BasicGetOptions { no_ack: true };
                while let Some(message) = channel.basic_get(queue.into(), options).await.unwrap() {
                    let body: Value = serde_json::from_slice(&message.delivery.data).unwrap();
                    announced.insert(body.get("transcription_id").and_then(Value::as_i64).unwrap());
                }
            }
        };
        let waited = timeout(PATIENCE, all).await;
        assert!(waited.is_ok(), "announced: {announced:?}, accepted: {:?}", self.numbers);
        broker.close(200, "done".into()).await.unwrap();
    }
}

#[tokio::test]
async fn jobs_that_were_accepted_without_rabbitmq_are_announced_when_it_is_back() {
    let mut submitted = Submitted::nothing(Stand::Own).await;
    submitted.upload(3).await;
    submitted.cluster.parts.rabbitmq.kill().await;
    submitted.upload(5).await;
    submitted.cluster.parts.rabbitmq.restart().await;
    submitted.upload(2).await;
    submitted.until_all_announced().await;
    assert_eq!(submitted.refusals(), []);
}

#[tokio::test]
async fn a_slow_rabbitmq_keeps_nobody_waiting_and_loses_nothing() {
    let mut submitted = Submitted::nothing(Stand::Proxied).await;
    submitted.cluster.parts.rabbitmq.proxy().delay(Duration::from_secs(1));
    submitted.upload(3).await;
    submitted.until_all_announced().await;
    assert_eq!(submitted.refusals(), []);
}
