//! A connection taken from the pool, which gets it back only in a state fit for the next.

use deadpool::managed::{Object, Pool, PoolError};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use lectern_application::ports::StoreError;
use tokio::runtime::Handle;

use crate::{connection::Connector, failure::Failure, wire::Wire};

/// A connection taken from the pool.
pub(crate) struct Borrowed {
    /// Taken where the connection must not be used again.
    connection: Option<Object<Connector>>,
    /// Whether a statement is under way, that nobody would wait for if this was dropped now.
    busy: bool,
    wire: Wire,
}

/// There is no connection any more.
#[derive(Debug, thiserror::Error)]
#[error("the connection was given up")]
struct GivenUp;

impl Borrowed {
    /// Waits for a connection.
    pub(crate) async fn from(pool: &Pool<Connector>) -> Result<Self, StoreError> {
        match pool.get().await {
            Ok(connection) => {
                let wire = pool.manager().wire.clone();
                Ok(Self { connection: Some(connection), busy: false, wire })
            }
            Err(PoolError::Backend(error)) => Err(error.into()),
            Err(error) => Err(StoreError::Unavailable { source: Box::new(error) }),
        }
    }

    /// Runs statements, and says what the port says if they fail.
    pub(crate) async fn run<T>(
        &mut self,
        statements: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_mut();
        let connection = connection.ok_or_else(|| StoreError::Unavailable { source: Box::new(GivenUp) })?;
        connection.refusals.take();
        self.busy = true;
        let done = statements(&mut connection.diesel).await;
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

    /// Closes the connection rather than giving it back. What the server is still doing for it is called off.
    pub(crate) fn give_up(&mut self) {
        let Some(connection) = self.connection.take().map(Object::take) else { return };
        if !self.busy {
            return;
        }
        let (cancel, wire) = (connection.diesel.cancel_token(), self.wire.clone());
        // Without a runtime the program is at its end, and so are its connections.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move { cancel.cancel_query(wire).await });
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
