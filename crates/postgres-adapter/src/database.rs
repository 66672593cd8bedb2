//! The database, and who may use it when.

use async_trait::async_trait;
use deadpool::{Runtime, managed::Pool};
use diesel_async::AsyncPgConnection;
use lectern_application::{
    metrics::catalogue::{CONNECTION_WAIT, SHARED},
    ports::{Gauges, Source, StoreError, Transactions, UnitOfWork},
    slow_queries::SlowQueries,
};

use crate::{
    AddressError, PostgresSettings, TlsError,
    address::Address,
    borrowed::Borrowed,
    connection::{Connection, Connector, Pace},
    failure::Failure,
    gauges, migrations,
    transaction::Transaction,
    unit::PostgresUnitOfWork,
    wire::Wire,
};

/// Runs a statement that only reads: `read!(database, async |connection| …)`.
///
/// It is written out here rather than called because it may run twice, and what may be called twice is not `Send` enough yet
/// if it borrows its arguments (<https://github.com/rust-lang/rust/issues/110338>).
macro_rules! read {
    ($database:expr, $statement:expr) => {{
        let mut reader = $database.reader();
        loop {
            if let Some(answer) = reader.run($statement).await {
                break answer;
            }
        }
    }};
}
pub(crate) use read;

/// Why the database could not be opened. None of them shows the URL.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names no database.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The connection can't be encrypted as the URL asks.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// It can't be reached, lets nobody in, or can't be read.
    #[error("the PostgreSQL database can't be used")]
    Unusable {
        /// What was met.
        #[source]
        source: StoreError,
    },
    /// Texts could not be stored as they are.
    #[error(
        "the PostgreSQL database is encoded in {encoding}; make one with CREATE DATABASE … ENCODING 'UTF8'"
    )]
    Encoding {
        /// What it is encoded in.
        encoding: String,
    },
    /// A newer Lectern has changed the schema. This one would not understand what it reads.
    #[error(
        "the PostgreSQL database was migrated by a newer version of Lectern (this one does not know {}): \
         use that version, or one after it",
        unknown.join(", ")
    )]
    NewerSchema {
        /// The versions of the migrations that this program does not have.
        unknown: Vec<String>,
    },
    /// The pool can't be made.
    #[error("there can't be a pool of connections")]
    Pool {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// An open database.
pub struct PostgresDatabase {
    pool: Pool<Connector>,
}

impl PostgresDatabase {
    /// Opens the database. It is not migrated: see [`migrate_up`](lectern_application::ports::Schema::migrate_up).
    ///
    /// Connects, so that what is wrong is known before anything is served.
    pub async fn open(settings: &PostgresSettings) -> Result<Self, OpenError> {
        let Address { config, protection } = Address::parse(&settings.url)?;
        let connector = Connector {
            config,
            wire: Wire::new(&protection)?,
            settings: settings.clone(),
            slow: SlowQueries::new(settings.slow_statement),
            wait: CONNECTION_WAIT.of([SHARED]),
        };
        Self::open_by(connector).await
    }

    /// As [`PostgresDatabase::open`], by such connections.
    pub(crate) async fn open_by(connector: Connector) -> Result<Self, OpenError> {
        let pool = Pool::builder(connector.clone())
            .max_size(connector.settings.connections.get())
            .wait_timeout(Some(connector.settings.wait))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|source| OpenError::Pool { source: Box::new(source) })?;
        let database = Self { pool };
        let unusable = |source| OpenError::Unusable { source };
        let encoding = read!(database, migrations::encoding).map_err(unusable)?;
        if encoding != "UTF8" {
            return Err(OpenError::Encoding { encoding });
        }
        let unknown = read!(database, migrations::unknown).map_err(unusable)?;
        if unknown.is_empty() { Ok(database) } else { Err(OpenError::NewerSchema { unknown }) }
    }

    /// Begins to read; [`read`](crate::database::read) does.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader { pool: &self.pool, met_a_dead_connection: false }
    }

    /// Runs statements that only read on a connection of their own, and for as long as it takes.
    pub(crate) async fn read_unhurried<T>(
        &self,
        statements: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let mut connection = self.unhurried().await?;
        let read = statements(&mut connection.diesel).await;
        read.map_err(|failure| failure.explained(connection.refusals.take().as_ref()))
    }

    /// What makes connections.
    pub(crate) fn connector(&self) -> &Connector {
        self.pool.manager()
    }

    /// Begins a transaction.
    pub(crate) async fn transaction(&self) -> Result<Transaction, StoreError> {
        Transaction::begin(&self.pool).await
    }

    /// A connection beside the pool, whose statements may take as long as it takes.
    pub(crate) async fn unhurried(&self) -> Result<Connection, StoreError> {
        Ok(self.pool.manager().connect(Pace::Unhurried).await?)
    }
}

/// Runs a statement, on another connection if the server had closed the first a moment ago. Reading twice does no harm.
pub(crate) struct Reader<'a> {
    pool: &'a Pool<Connector>,
    met_a_dead_connection: bool,
}

impl Reader<'_> {
    /// `None` if it is to be tried once more.
    pub(crate) async fn run<T>(
        &mut self,
        statement: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
    ) -> Option<Result<T, StoreError>> {
        let mut borrowed = match Borrowed::from(self.pool).await {
            Ok(borrowed) => borrowed,
            Err(error) => return Some(Err(error)),
        };
        let answer = borrowed.run(statement).await;
        if answer.is_err() && borrowed.met_its_end() && !self.met_a_dead_connection {
            self.met_a_dead_connection = true;
            return None;
        }
        Some(answer)
    }
}

#[async_trait]
impl Transactions for PostgresDatabase {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        Ok(Box::new(PostgresUnitOfWork::new(self.transaction().await?)))
    }
}

impl Gauges for PostgresDatabase {
    fn measure(&self) {
        gauges::measure(SHARED, &self.pool.status());
    }
}
