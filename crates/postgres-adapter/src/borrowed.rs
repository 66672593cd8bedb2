//! A connection taken from the pool, which gets it back only in a state fit for the next.

use std::time::{Duration, Instant};

use deadpool::managed::{Object, Pool, PoolError};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use lectern_application::ports::StoreError;
use tokio::{runtime::Handle, time::timeout};

use crate::{connection::Connector, failure::Failure, wire::Wire};

/// A connection taken from the pool.
pub(crate) struct Borrowed {
    /// Taken where the connection must not be used again.
    connection: Option<Object<Connector>>,
    /// Whether a statement is under way, that nobody would wait for if this was dropped now.
    busy: bool,
    wire: Wire,
    /// How long the server may say nothing.
    patience: Duration,
    /// Whether it said nothing for so long.
    silent: bool,
}

/// There is no connection any more.
#[derive(Debug, thiserror::Error)]
#[error("the connection was given up")]
struct GivenUp;

/// The server ends what takes too long, and says so. One that hangs, or that can't be reached any more, doesn't.
#[derive(Debug, thiserror::Error)]
#[error("the server said nothing for {0:?}, and the connection was given up")]
struct Silence(Duration);

impl Borrowed {
    /// Waits for a connection.
    pub(crate) async fn from(pool: &Pool<Connector>) -> Result<Self, StoreError> {
        let began = Instant::now();
        let connection = pool.get().await;
        pool.manager().wait.record(began.elapsed());
        match connection {
            Ok(connection) => {
                let connector = pool.manager();
                let (wire, patience) = (connector.wire.clone(), connector.settings.patience());
                Ok(Self { connection: Some(connection), busy: false, wire, patience, silent: false })
            }
            Err(PoolError::Backend(error)) => Err(error.into()),
            Err(error) => Err(StoreError::Unavailable { source: Box::new(error) }),
        }
    }

    /// Runs statements, and says what the port says if they fail. A connection on which no answer comes is given up.
    pub(crate) async fn run<T>(
        &mut self,
        statements: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_mut();
        let connection = connection.ok_or_else(|| StoreError::Unavailable { source: Box::new(GivenUp) })?;
        connection.refusals.take();
        self.busy = true;
        let Ok(done) = timeout(self.patience, statements(&mut connection.diesel)).await else {
            self.silent = true;
            self.give_up();
            return Err(StoreError::Unavailable { source: Box::new(Silence(self.patience)) });
        };
        self.busy = false;
        done.map_err(|failure| failure.explained(connection.refusals.take().as_ref()))
    }

    /// Runs SQL that answers nothing.
    pub(crate) async fn execute(&mut self, sql: &str) -> Result<(), StoreError> {
        self.run(async |connection| Ok(connection.batch_execute(sql).await?)).await
    }

    /// Whether a statement was abandoned.
    pub(crate) fn is_busy(&self) -> bool {
        self.busy
    }

    /// Whether the connection can't be used any more.
    pub(crate) fn is_broken(&mut self) -> bool {
        self.connection.as_mut().is_none_or(|connection| connection.is_broken())
    }

    /// Whether the server had closed it, so that another may do better.
    pub(crate) fn met_its_end(&mut self) -> bool {
        self.is_broken() && !self.silent
    }

    /// Closes the connection rather than giving it back. What the server is still doing for it is called off.
    pub(crate) fn give_up(&mut self) {
        let Some(connection) = self.connection.take().map(Object::take) else { return };
        if !self.busy {
            return;
        }
        let (cancel, wire, patience) = (connection.diesel.cancel_token(), self.wire.clone(), self.patience);
        // Without a runtime the program is at its end, and so are its connections.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { timeout(patience, cancel.cancel_query(wire)).await });
        }
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if self.busy {
            self.give_up();
        }
    }
}
