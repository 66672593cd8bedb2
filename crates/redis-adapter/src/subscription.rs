//! The connection that others' commits and news come on.
//!
//! What is said while nobody listens is lost. So whenever it listens again, this process forgets all sessions that it
//! remembers, and wakes all who watch for something.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use lectern_application::{
    in_process::{LocalEventBus, LocalSessionCache},
    ports::{Clock, Reach},
};
use redis::{Client, RedisError, aio::PubSubSink, aio::PubSubStream};
use tokio::{
    sync::watch,
    time::{Instant, error::Elapsed, sleep_until, timeout},
};
use uuid::Uuid;

use crate::{failure::reason, keys::Keys, news, settings::RedisPatience, state::RedisState, touches};

/// How often the connection is tried: one whose other end is gone without a word looks like one on which nothing is said.
const PULSE: Duration = Duration::from_secs(1);

pub(crate) struct Subscription {
    pub(crate) client: Client,
    pub(crate) keys: Keys,
    pub(crate) patience: RedisPatience,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) replica: Uuid,
    pub(crate) sessions: Arc<LocalSessionCache>,
    pub(crate) events: Arc<LocalEventBus>,
    pub(crate) state: watch::Sender<RedisState>,
}

/// Why nothing is heard any more.
#[derive(Debug)]
enum Silence {
    Failed(RedisError),
    TooSlow,
    Closed,
}

impl From<RedisError> for Silence {
    fn from(error: RedisError) -> Self {
        Self::Failed(error)
    }
}

impl From<Elapsed> for Silence {
    fn from(_: Elapsed) -> Self {
        Self::TooSlow
    }
}

impl Subscription {
    /// Listens, and subscribes again whenever it has to. Never ends.
    pub(crate) async fn listen(&self) {
        let mut is_reported = false;
        let mut next = Instant::now();
        loop {
            sleep_until(next).await;
            next = Instant::now() + self.patience.pause;
            let silence = match self.subscribe().await {
                Ok((sink, stream)) => {
                    self.begin(is_reported).await;
                    is_reported = false;
                    tokio::select! {
                        silence = self.hear(stream) => silence,
                        silence = self.keep_alive(sink) => silence,
                    }
                }
                Err(silence) => silence,
            };
            if !is_reported {
                is_reported = true;
                self.end(&silence);
            }
        }
    }

    async fn subscribe(&self) -> Result<(PubSubSink, PubSubStream), Silence> {
        let subscribed = timeout(self.patience.connect, async {
            let (mut sink, stream) = self.client.get_async_pubsub().await?.split();
            sink.subscribe(&[self.keys.touches(), self.keys.news()]).await?;
            Ok::<_, RedisError>((sink, stream))
        });
        Ok(subscribed.await??)
    }

    async fn begin(&self, was_silent: bool) {
        touches::forget_everything(&self.sessions).await;
        self.events.wake_all();
        let since = self.clock.now();
        self.state.send_modify(|state| state.subscription = Reach::InReach { since });
        if was_silent {
            tracing::info!("Redis tells of other replicas' commits and news again");
        }
    }

    fn end(&self, silence: &Silence) {
        let since = self.clock.now();
        self.state.send_modify(|state| state.subscription = Reach::OutOfReach { since });
        let reason = match silence {
            Silence::Failed(error) => reason(error),
            Silence::TooSlow => "it does not answer in time".to_owned(),
            Silence::Closed => "it closed the connection".to_owned(),
        };
        tracing::warn!(
            "Redis does not tell of other replicas' commits and news: {reason}. Until it does, sessions that they end are \
             accepted here for up to five seconds"
        );
    }

    async fn hear(&self, mut stream: PubSubStream) -> Silence {
        let touches = self.keys.touches();
        while let Some(message) = stream.next().await {
            let payload = message.get_payload_bytes();
            if message.get_channel_name() == touches {
                touches::follow(payload, self.replica, &self.sessions).await;
            } else {
                news::follow(payload, self.replica, &self.events);
            }
        }
        Silence::Closed
    }

    async fn keep_alive(&self, mut sink: PubSubSink) -> Silence {
        loop {
            sleep_until(Instant::now() + PULSE).await;
            match timeout(self.patience.connect, sink.ping::<redis::Value>()).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return error.into(),
                Err(elapsed) => return elapsed.into(),
            }
        }
    }
}
