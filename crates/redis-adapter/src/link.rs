//! The connection that questions are asked on, and what happens when there is none.
//!
//! While Redis is in reach, everybody asks it over one connection. The first answer that fails, or doesn't come in time,
//! ends that: from then on everybody is told at once that there is no answer, until [`Link::stay`] has made another
//! connection, which it tries at most once in a pause and which nobody waits for. So a server that takes seconds to answer
//! costs those requests a time-out that were waiting when it became slow, and no others.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lectern_application::ports::{Clock, Reach};
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, Pipeline, RedisError, RedisResult, ScriptInvocation,
    aio::MultiplexedConnection,
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep_until, timeout},
};

use crate::{failure::reason, keys::Keys, scripts, settings::RedisPatience, state::RedisState};

/// How often a connection is tried on which nothing else may be asked.
const PULSE: Duration = Duration::from_secs(1);

pub(crate) struct Link {
    client: Client,
    keys: Keys,
    patience: RedisPatience,
    clock: Arc<dyn Clock>,
    /// The present connection; none while Redis is out of reach.
    line: RwLock<Option<Line>>,
    lost: Notify,
    /// Whether the log says that Redis is out of reach.
    is_reported: AtomicBool,
    state: watch::Sender<RedisState>,
}

/// A connection, told apart from those before it: who fails on an old one says nothing about the present one.
#[derive(Clone)]
struct Line {
    connection: MultiplexedConnection,
    serial: u64,
}

impl Link {
    /// A link that has tried once to connect.
    pub(crate) async fn begin(
        client: Client,
        keys: Keys,
        patience: RedisPatience,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let state = watch::Sender::new(RedisState::out_of_reach(clock.now()));
        let link = Self {
            client,
            keys,
            patience,
            clock,
            line: RwLock::new(None),
            lost: Notify::new(),
            is_reported: AtomicBool::new(false),
            state,
        };
        link.connect(1).await;
        link
    }

    pub(crate) fn state(&self) -> &watch::Sender<RedisState> {
        &self.state
    }

    /// What the script answers; `None` if Redis is out of reach.
    pub(crate) async fn invoke<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Option<T> {
        let mut line = self.line()?;
        let answer = script.invoke_async(&mut line.connection).await;
        self.answered(&line, answer)
    }

    /// Has the commands carried out; `None` if Redis is out of reach.
    pub(crate) async fn carry_out(&self, commands: &Pipeline) -> Option<()> {
        let mut line = self.line()?;
        let answer = commands.query_async(&mut line.connection).await;
        self.answered(&line, answer)
    }

    /// Connects again whenever the connection is lost. Never ends.
    pub(crate) async fn stay(&self) {
        let mut serial = 1_u64;
        let mut next = Instant::now();
        loop {
            while self.line().is_some() {
                tokio::select! {
                    () = self.lost.notified() => {}
                    () = sleep_until(Instant::now() + PULSE) => self.feel_pulse().await,
                }
            }
            sleep_until(next).await;
            next = Instant::now() + self.patience.pause;
            serial = serial.wrapping_add(1);
            self.connect(serial).await;
        }
    }

    /// Asks for nothing, so that a loss is noticed before somebody has to wait for it.
    async fn feel_pulse(&self) {
        let mut ping = Pipeline::with_capacity(1);
        ping.cmd("PING").ignore();
        self.carry_out(&ping).await;
    }

    // Nothing panics while it holds the lock.
    fn line(&self) -> Option<Line> {
        self.line.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn connect(&self, serial: u64) {
        match timeout(self.patience.connect, self.prepared_connection()).await {
            Ok(Ok(connection)) => self.found(Line { connection, serial }),
            Ok(Err(error)) => self.report_loss(&reason(&error)),
            Err(_) => self.report_loss("it does not answer in time"),
        }
    }

    /// A connection to a server that has the scripts and takes writes: one that is read-only, or has no memory left, answers
    /// other questions well.
    async fn prepared_connection(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.patience.connect))
            .set_response_timeout(Some(self.patience.response));
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        for script in scripts::all() {
            script.load_async(&mut connection).await?;
        }
        let mut probe = redis::cmd("SET");
        probe.arg(self.keys.probe()).arg(1).arg("EX").arg(1);
        probe.query_async::<()>(&mut connection).await?;
        Ok(connection)
    }

    fn answered<T>(&self, line: &Line, answer: RedisResult<T>) -> Option<T> {
        answer.map_err(|error| self.lose(line, &error)).ok()
    }

    fn found(&self, line: Line) {
        *self.line.write().unwrap_or_else(PoisonError::into_inner) = Some(line);
        let since = self.clock.now();
        self.state.send_modify(|state| state.commands = Reach::InReach { since });
        if self.is_reported.swap(false, Ordering::Relaxed) {
            tracing::info!("Redis is back");
        }
    }

    fn lose(&self, line: &Line, error: &RedisError) {
        {
            let mut present = self.line.write().unwrap_or_else(PoisonError::into_inner);
            if present.as_ref().is_none_or(|present| present.serial != line.serial) {
                return;
            }
            *present = None;
        }
        let since = self.clock.now();
        self.state.send_modify(|state| state.commands = Reach::OutOfReach { since });
        self.report_loss(&reason(error));
        self.lost.notify_one();
    }

    fn report_loss(&self, reason: &str) {
        if !self.is_reported.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "Redis is out of reach: {reason}. Until it is back, sessions are read from the database, and limits, \
                 throttles and news are of this process alone"
            );
        }
    }
}
