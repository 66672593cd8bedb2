//! One connection to the broker, with the queues declared and publisher confirms turned on.

use std::time::Duration;

use lapin::{
    BasicProperties, Channel, Connection, Queue,
    options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions},
    types::FieldTable,
};
use lectern_application::ports::{Announcement, AnnouncerError};
use lectern_domain::time::Timestamp;
use tokio::time::timeout;

use crate::{
    AmqpSettings, QueueName,
    failure::{Failure, failed},
    handshake, wire,
};

/// How long the broker may take to confirm, or to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// How long it may take until a connection is of use: eight answers and the broker's own start.
const OPEN_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection in use. Whoever meets an error drops it and opens another.
pub(crate) struct Session {
    connection: Connection,
    channel: Channel,
    queue: QueueName,
}

impl Session {
    /// Connects, and declares the queues.
    pub(crate) async fn open(settings: &AmqpSettings, queue: &QueueName) -> Result<Self, AnnouncerError> {
        let opening = timeout(OPEN_TIMEOUT, Self::open_at_leisure(settings, queue)).await;
        opening.unwrap_or_else(|_| Err(Failure::Silence.into()))
    }

    async fn open_at_leisure(settings: &AmqpSettings, queue: &QueueName) -> Result<Self, AnnouncerError> {
        let connection = handshake::connect(settings).await?;
        let channel = connection.create_channel().await.map_err(failed)?;
        let channel = declared(&connection, channel, queue.as_str()).await.map_err(failed)?;
        let channel = dead_letters_declared(&connection, channel, queue).await.map_err(failed)?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(failed)?;
        Ok(Self { connection, channel, queue: queue.clone() })
    }

    /// Whether it still stands, as far as is known.
    pub(crate) fn is_open(&self) -> bool {
        self.connection.status().connected() && self.channel.status().connected()
    }

    /// Publishes messages, and waits until the broker has stored them all.
    ///
    /// With several messages under way, lapin can't tell for sure which of them the broker returned: so one that was
    /// returned makes all of them fail, and nobody else may publish here meanwhile.
    pub(crate) async fn publish(&self, jobs: &[Announcement], at: Timestamp) -> Result<(), AnnouncerError> {
        let publishing = timeout(ANSWER_TIMEOUT, self.publish_at_leisure(jobs, at)).await;
        publishing.unwrap_or_else(|_| Err(Failure::Silence.into()))
    }

    async fn publish_at_leisure(&self, jobs: &[Announcement], at: Timestamp) -> Result<(), AnnouncerError> {
        let mut confirmations = Vec::with_capacity(jobs.len());
        for job in jobs {
            let body =
                wire::body(job).map_err(|error| AnnouncerError::Refused { source: Box::new(error) })?;
            let confirmation = self.send(&body, wire::properties(job, at)).await.map_err(failed)?;
            confirmations.push(confirmation);
        }
        for confirmation in confirmations {
            let confirmed = confirmation.await.map_err(failed)?;
            if !confirmed.is_ack() {
                return Err(Failure::Nacked.into());
            }
            // An unroutable message is returned, and confirmed all the same.
            if let Some(returned) = confirmed.take_message() {
                return Err(Failure::Unroutable(returned.reply_text.to_string()).into());
            }
        }
        Ok(())
    }

    async fn send(&self, body: &[u8], properties: BasicProperties) -> lapin::Result<lapin::PublisherConfirm> {
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        self.channel.basic_publish("".into(), self.queue.as_str().into(), options, body, properties).await
    }

    /// How many messages of the queue no worker has been given.
    pub(crate) async fn backlog(&self) -> Result<u64, AnnouncerError> {
        let asking = timeout(ANSWER_TIMEOUT, look(&self.channel, self.queue.as_str())).await;
        match asking {
            Ok(Ok(queue)) => Ok(queue.message_count().into()),
            Ok(Err(error)) => Err(failed(error)),
            Err(_) => Err(Failure::Silence.into()),
        }
    }
}

/// Looks at a queue without declaring it.
pub(crate) async fn look(channel: &Channel, name: &str) -> lapin::Result<Queue> {
    channel.queue_declare(name.into(), QueueDeclareOptions::durable().passive(), FieldTable::default()).await
}

/// Declares a queue plainly: durable, without arguments, as workers do. One that is there with arguments, or that we may
/// not declare, is used as it is.
async fn declared(connection: &Connection, channel: Channel, name: &str) -> lapin::Result<Channel> {
    let (options, arguments) = (QueueDeclareOptions::durable(), FieldTable::default());
    match channel.queue_declare(name.into(), options, arguments).await {
        Ok(_) => Ok(channel),
        Err(refused) if refused.is_amqp_soft_error() => {
            // Which closed the channel.
            let channel = connection.create_channel().await?;
            look(&channel, name).await.map_err(|_| refused)?;
            Ok(channel)
        }
        Err(error) => Err(error),
    }
}

/// Declares the queue of dead letters. Jobs can be announced without it.
async fn dead_letters_declared(
    connection: &Connection,
    channel: Channel,
    queue: &QueueName,
) -> lapin::Result<Channel> {
    let name = queue.dead_letters();
    match declared(connection, channel, &name).await {
        Err(refused) if refused.is_amqp_soft_error() => {
            tracing::warn!(queue = name, error = %refused, "there is no queue for messages that workers reject");
            connection.create_channel().await
        }
        outcome => outcome,
    }
}
