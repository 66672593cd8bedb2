//! What a broker is like, for whoever looks after the service.

use std::time::Duration;

use lapin::{Queue, options::QueueDeclareOptions, types::FieldTable};
use lectern_application::ports::AnnouncerError;
use tokio::time::timeout;

use crate::{
    AmqpSettings, QueueName,
    failure::{Failure, failed},
    handshake,
    session::look,
};

/// How long everything may take together.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a broker has for the jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokerReport {
    /// The queue. `None`: there is none yet; the server declares it when it connects.
    pub queue: Option<QueueReport>,
    /// Whether there is a queue of what workers reject.
    pub has_dead_letters: bool,
}

/// What a queue is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueReport {
    /// Messages that no worker has been given.
    pub messages: u32,
    /// Workers that wait for messages.
    pub consumers: u32,
    /// In which it differs from how workers declare it, in the broker's words. `None`: in nothing.
    pub difference: Option<String>,
}

/// Connects, signs in and looks at the queues. Nothing is declared that is not there.
pub async fn examine(settings: &AmqpSettings, queue: &QueueName) -> Result<BrokerReport, AnnouncerError> {
    let looking = timeout(PATIENCE, look_around(settings, queue)).await;
    looking.unwrap_or_else(|_| Err(Failure::Silence.into()))
}

async fn look_around(settings: &AmqpSettings, queue: &QueueName) -> Result<BrokerReport, AnnouncerError> {
    let connection = handshake::connect(settings).await?;
    // The broker closes a channel with every refusal, so each question has its own.
    let channel = || async { connection.create_channel().await.map_err(failed) };
    let dead_letters = look(&channel().await?, &queue.dead_letters()).await;
    let found = match look(&channel().await?, queue.as_str()).await {
        Ok(found) => {
            let channel = channel().await?;
            let (options, arguments) = (QueueDeclareOptions::durable(), FieldTable::default());
            let declared = channel.queue_declare(queue.as_str().into(), options, arguments).await;
            Some(report(&found, declared)?)
        }
        Err(missing) if missing.is_amqp_soft_error() => None,
        Err(error) => return Err(failed(error)),
    };
    let has_dead_letters = match dead_letters {
        Ok(_) => true,
        Err(missing) if missing.is_amqp_soft_error() => false,
        Err(error) => return Err(failed(error)),
    };
    // The answers are there; how the connection ends is nobody's concern.
    let _closed = connection.close(200, "done".into()).await;
    Ok(BrokerReport { queue: found, has_dead_letters })
}

fn report(found: &Queue, declared: lapin::Result<Queue>) -> Result<QueueReport, AnnouncerError> {
    let difference = match declared {
        Ok(_) => None,
        Err(refused) if refused.is_amqp_soft_error() => Some(refused.to_string()),
        Err(error) => return Err(failed(error)),
    };
    Ok(QueueReport { messages: found.message_count(), consumers: found.consumer_count(), difference })
}
