//! The database that the settings name.

use std::{fmt, sync::Arc};

use lectern_application::{
    in_process::LocalDuties,
    ports::{Duties, Gauges, LogSink, MigrationState, Queries, Schema, Transactions},
};
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use lectern_sqlite_adapter::{SqliteDatabase, SqliteSettings};
use secrecy::ExposeSecret as _;

use crate::{
    config::{DatabaseUrl, Settings, without_password},
    failure::Failure,
    lock::{Lock, LockError},
};

/// What to do about a schema of another version.
pub(crate) const MIGRATE: &str = "Run `lectern migrate`, or start the server, which does that by itself.";

/// An open database, by its ports.
#[derive(Clone)]
pub(crate) struct Database {
    pub(crate) transactions: Arc<dyn Transactions>,
    pub(crate) queries: Arc<dyn Queries>,
    pub(crate) schema: Arc<dyn Schema>,
    pub(crate) log: Arc<dyn LogSink>,
    /// Which of the servers on it does what only one should.
    pub(crate) duties: Arc<dyn Duties>,
    /// How its connections are used.
    pub(crate) gauges: Arc<dyn Gauges>,
}

impl Database {
    /// Opens it, as it is.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let failed = || Failure::operation("can't open the database");
        let slow_statement = settings.observability.slow_query;
        match &settings.database {
            DatabaseUrl::Sqlite(file) => {
                let opening = SqliteSettings { slow_statement, ..SqliteSettings::at(file) };
                let database =
                    SqliteDatabase::open_with(&opening).map_err(|error| failed().because(error))?;
                // Its lock keeps other servers away.
                Ok(Self::of(Arc::new(database), Arc::new(LocalDuties::default())))
            }
            DatabaseUrl::Postgres(url) => {
                let connections = settings.database_connections;
                let settings =
                    PostgresSettings { connections, slow_statement, ..PostgresSettings::at(url.clone()) };
                let database =
                    PostgresDatabase::open(&settings).await.map_err(|error| failed().because(error))?;
                let database = Arc::new(database);
                Ok(Self::of(database.clone(), database))
            }
        }
    }

    fn of<D: Transactions + Queries + LogSink + Schema + Gauges + 'static>(
        database: Arc<D>,
        duties: Arc<dyn Duties>,
    ) -> Self {
        let (queries, log, gauges) = (database.clone(), database.clone(), database.clone());
        Self { transactions: database.clone(), queries, log, schema: database, duties, gauges }
    }

    /// Brings the schema up to date, and answers how many migrations that took.
    pub(crate) async fn migrate(&self) -> Result<usize, Failure> {
        let migrated = self.schema.migrate_up().await;
        let migrated =
            migrated.map_err(|error| Failure::operation("can't migrate the database").because(error))?;
        Ok(migrated.len())
    }

    /// How many migrations are pending.
    pub(crate) async fn pending(&self) -> Result<usize, Failure> {
        let status = self.schema.migration_status().await;
        let status = status.map_err(|error| Failure::operation("can't read the database").because(error))?;
        Ok(status.iter().filter(|migration| migration.state == MigrationState::Pending).count())
    }

    /// Removes it, or all of Lectern's that is in it, and answers whether there was anything. Nobody may use it.
    pub(crate) async fn remove(settings: &Settings) -> Result<bool, Failure> {
        let url = &settings.database;
        let failed = || Failure::operation(format!("can't remove {url}"));
        match url {
            DatabaseUrl::Sqlite(file) => {
                SqliteDatabase::remove(file).map_err(|error| failed().because(error))
            }
            DatabaseUrl::Postgres(_) => {
                let Self { schema, .. } = Self::open(settings).await?;
                let mut removed = false;
                while schema.migrate_down().await.map_err(|error| failed().because(error))?.is_some() {
                    removed = true;
                }
                Ok(removed)
            }
        }
    }
}

/// Keeps every server from using the database, if one could: what is changed would be lost under its feet. Servers on
/// PostgreSQL are for whoever changes its schema to stop.
pub(crate) fn alone_with(settings: &Settings) -> Result<Vec<Lock>, LockError> {
    match &settings.database {
        DatabaseUrl::Sqlite(file) => Ok(vec![Lock::data_folder(&settings.data_dir)?, Lock::database(file)?]),
        DatabaseUrl::Postgres(_) => Ok(Vec::new()),
    }
}

impl DatabaseUrl {
    /// Keeps every other process from using it, if it is one for a single process.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, LockError> {
        match self {
            Self::Sqlite(file) => Lock::database(file).map(Some),
            Self::Postgres(_) => Ok(None),
        }
    }

    /// Whether it is there, as far as this machine can tell without asking it.
    pub(crate) fn exists(&self) -> bool {
        match self {
            Self::Sqlite(file) => file.exists(),
            Self::Postgres(_) => true,
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => file.display().fmt(f),
            Self::Postgres(url) => f.write_str(&without_password(url.expose_secret())),
        }
    }
}
