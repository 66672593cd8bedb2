//! Connections: how they are made and set up, and how the pool keeps them.

use std::{io, path::Path, sync::Arc, time::Duration};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection, SimpleAsyncConnection, pooled_connection::PoolableConnection,
};
use lectern_application::{ports::StoreError, slow_queries::SlowQueries};
use tokio::{net::UnixStream, task::AbortHandle, time::timeout};
use tokio_postgres::{
    NoTls,
    config::{Config, Host, SslMode},
};

use crate::{
    PostgresSettings,
    slow::SlowStatements,
    sqlstate::{Overheard, Refusals},
    wire::Wire,
};

/// Why no connection could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the database can't be reached, or does not let this client in")]
    Refused(#[from] tokio_postgres::Error),
    #[error("the database's socket can't be reached")]
    Socket(#[from] io::Error),
    #[error("the new connection can't be set up")]
    Setup(#[from] diesel::ConnectionError),
    #[error("the new connection does not take its settings")]
    Settings(#[from] diesel::result::Error),
    #[error("connecting took longer than the configured timeout")]
    Late,
}

impl From<ConnectError> for StoreError {
    fn from(error: ConnectError) -> Self {
        Self::Unavailable { source: Box::new(error) }
    }
}

/// How long a statement may take on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// As long as requests have.
    Prompt,
    /// As long as it takes: for migrations, and for what reads everything there is.
    Unhurried,
}

/// A connection, and the codes of the errors that came over it.
pub(crate) struct Connection {
    pub(crate) diesel: AsyncPgConnection,
    pub(crate) refusals: Refusals,
    driver: Driver,
}

/// What passes on what a connection sends and receives, unless diesel has it. Once nobody waits for that, it stops.
pub(crate) struct Driver(Option<AbortHandle>);

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(driver) = &self.0 {
            driver.abort();
        }
    }
}

impl Connection {
    /// The connection, and what has to live as long.
    pub(crate) fn into_parts(self) -> (AsyncPgConnection, Driver) {
        (self.diesel, self.driver)
    }

    /// Whether it can't be used any more.
    pub(crate) fn is_broken(&mut self) -> bool {
        self.diesel.is_broken()
    }
}

/// Makes connections.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) config: Config,
    pub(crate) wire: Wire,
    pub(crate) settings: PostgresSettings,
    pub(crate) slow: Arc<SlowQueries>,
    /// How long whoever wanted a connection waited.
    pub(crate) wait: metrics::Histogram,
}

impl Connector {
    /// A new connection with its settings.
    pub(crate) async fn connect(&self, pace: Pace) -> Result<Connection, ConnectError> {
        // Large, and on the heap: whoever waits for a connection need not hold it.
        let connect = Box::pin(async {
            let mut connection = match self.config.get_hosts().first() {
                Some(Host::Unix(folder)) => self.connect_locally(folder).await?,
                Some(Host::Tcp(_)) | None => self.connect_remotely().await?,
            };
            connection.diesel.batch_execute(&self.setup(pace)).await?;
            if let (Some(watch), Pace::Prompt) = (self.slow.watch(), pace) {
                connection.diesel.set_instrumentation(SlowStatements(watch));
            }
            Ok(connection)
        });
        timeout(self.settings.connect_timeout, connect).await.unwrap_or(Err(ConnectError::Late))
    }

    async fn connect_remotely(&self) -> Result<Connection, ConnectError> {
        let refusals = Refusals::default();
        let (client, connection) = self.config.connect(self.wire.noting(refusals.clone())).await?;
        let diesel = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
        Ok(Connection { diesel, refusals, driver: Driver(None) })
    }

    /// Over a Unix socket, which the driver does not hand over to be wrapped.
    async fn connect_locally(&self, folder: &Path) -> Result<Connection, ConnectError> {
        let refusals = Refusals::default();
        let port = self.config.get_ports().first().copied().unwrap_or(5432);
        let stream = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).await?;
        let stream = Overheard::new(stream, refusals.clone());
        let mut config = self.config.clone();
        config.ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect_raw(stream, NoTls).await?;
        let driver = tokio::spawn(connection).abort_handle();
        let diesel = AsyncPgConnection::try_from(client).await?;
        Ok(Connection { diesel, refusals, driver: Driver(Some(driver)) })
    }

    /// What every connection is set up with, sent at once.
    ///
    /// A statement whose client is gone is ended within two seconds, even while it waits for a lock. Statements here are
    /// short, so compiling them never pays.
    fn setup(&self, pace: Pace) -> String {
        let settings = &self.settings;
        let (statement, lock) = match pace {
            Pace::Prompt => (settings.statement_timeout, settings.lock_timeout),
            Pace::Unhurried => (Duration::ZERO, Duration::ZERO),
        };
        format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
             SET client_connection_check_interval = 2000; SET jit = off",
            millis(statement),
            millis(lock),
            millis(settings.idle_in_transaction_timeout),
        )
    }
}

/// The most milliseconds that PostgreSQL takes are 24 days.
fn millis(span: Duration) -> i32 {
    i32::try_from(span.as_millis()).unwrap_or(i32::MAX)
}

impl Manager for Connector {
    type Type = Connection;
    type Error = ConnectError;

    async fn create(&self) -> Result<Connection, ConnectError> {
        self.connect(Pace::Prompt).await
    }

    /// Asks nobody: the end of a connection is noticed when the server closes it, and where a request meets one that ended
    /// a moment ago, it takes another. A question to the server each time would cost more than all that.
    async fn recycle(&self, connection: &mut Connection, _: &Metrics) -> RecycleResult<ConnectError> {
        if connection.is_broken() {
            return Err(RecycleError::message("the connection is closed"));
        }
        Ok(())
    }
}
