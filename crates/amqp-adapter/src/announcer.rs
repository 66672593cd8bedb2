//! The port.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use lectern_application::ports::{Announcement, AnnouncerError, Clock, JobAnnouncer, Part, Reach};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use crate::{
    AmqpSettings, QueueName,
    failure::{Failure, chain},
    session::Session,
};

/// How often an idle connection is looked at.
const LOOK_INTERVAL: Duration = Duration::from_secs(5);
/// The pause after the first connection that could not be made; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Announces jobs through RabbitMQ.
///
/// It connects by itself, and again whenever the connection was lost, also when there is nothing to announce; who
/// announces something meanwhile does not wait for that, but tries at once.
pub struct RabbitAnnouncer {
    link: Arc<Link>,
    _keeper: AbortOnDropHandle<()>,
}

impl RabbitAnnouncer {
    /// An announcer to the queue of that name at that broker. Nobody need be there yet.
    ///
    /// Must be called inside a tokio runtime.
    pub fn start(settings: AmqpSettings, queue: QueueName, clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State { reach: Reach::OutOfReach { since: clock.now() }, is_known: false });
        let link = Arc::new(Link { settings, queue, clock, session: tokio::sync::Mutex::default(), state });
        let kept = link.clone();
        let keeper = tokio::spawn(async move { kept.keep().await });
        Self { link, _keeper: AbortOnDropHandle::new(keeper) }
    }
}

#[async_trait]
impl JobAnnouncer for RabbitAnnouncer {
    async fn announce(&self, jobs: &[Announcement]) -> Result<(), AnnouncerError> {
        let (link, now) = (&self.link, self.link.clock.now());
        let mut slot = link.session.lock().await;
        // Out of the slot while it is in use: one that was interrupted or failed is not used again.
        if let Some(session) = slot.take().filter(Session::is_open) {
            match session.publish(jobs, now).await {
                Ok(()) => {
                    *slot = Some(session);
                    return Ok(());
                }
                // The connection may have been lost long ago, or the queue deleted.
                Err(error) => tracing::debug!(error = chain(&error), "announcing on another connection"),
            }
        }
        let session = link.open().await?;
        session.publish(jobs, now).await?;
        *slot = Some(session);
        Ok(())
    }

    async fn backlog(&self) -> Result<u64, AnnouncerError> {
        let mut slot = self.link.session.lock().await;
        if let Some(session) = slot.take().filter(Session::is_open)
            && let Ok(backlog) = session.backlog().await
        {
            *slot = Some(session);
            return Ok(backlog);
        }
        let session = self.link.open().await?;
        let backlog = session.backlog().await?;
        *slot = Some(session);
        Ok(backlog)
    }
}

impl Part for RabbitAnnouncer {
    fn name(&self) -> &'static str {
        "amqp"
    }

    fn reach(&self) -> Reach {
        self.link.state().reach
    }
}

/// The broker, and the connection to it.
struct Link {
    settings: AmqpSettings,
    queue: QueueName,
    clock: Arc<dyn Clock>,
    session: tokio::sync::Mutex<Option<Session>>,
    state: Mutex<State>,
}

/// Whether the broker is there.
struct State {
    reach: Reach,
    /// Whether anybody has tried.
    is_known: bool,
}

impl Link {
    /// Keeps the connection.
    async fn keep(&self) {
        let mut pause = FIRST_PAUSE;
        loop {
            if self.ensure().await {
                pause = FIRST_PAUSE;
                sleep(LOOK_INTERVAL).await;
            } else {
                sleep(pause).await;
                pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
            }
        }
    }

    /// Connects unless there is a connection; answers whether there is one now.
    async fn ensure(&self) -> bool {
        let mut slot = self.session.lock().await;
        if slot.as_ref().is_some_and(Session::is_open) {
            return true;
        }
        if slot.take().is_some() {
            self.is_lost(&Failure::Closed.into());
        }
        *slot = self.open().await.ok();
        slot.is_some()
    }

    async fn open(&self) -> Result<Session, AnnouncerError> {
        let opened = Session::open(&self.settings, &self.queue).await;
        match &opened {
            Ok(_) => self.is_there(),
            Err(error) => self.is_lost(error),
        }
        opened
    }

    fn is_there(&self) {
        let mut state = self.state();
        if !state.reach.is_in_reach() {
            tracing::info!(broker = %self.settings, queue = self.queue.as_str(), "connected to RabbitMQ");
            *state = State { reach: Reach::InReach { since: self.clock.now() }, is_known: true };
        }
    }

    fn is_lost(&self, error: &AnnouncerError) {
        let mut state = self.state();
        if !state.is_known || state.reach.is_in_reach() {
            tracing::warn!(broker = %self.settings, error = chain(error), "RabbitMQ is out of reach; trying again");
        }
        if state.reach.is_in_reach() {
            state.reach = Reach::OutOfReach { since: self.clock.now() };
        }
        state.is_known = true;
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
