//! The database that the settings name.

use std::{fmt, sync::Arc};

use lectern_application::{
    in_process::LocalDuties,
    ports::{Duties, MigrationState, Queries, Schema, Transactions},
};
use lectern_sqlite_adapter::SqliteDatabase;

use crate::{
    config::{DatabaseUrl, Settings},
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
    /// Which of the servers on it does what only one should.
    pub(crate) duties: Arc<dyn Duties>,
}

impl Database {
    /// Opens it, as it is.
    pub(crate) fn open(settings: &Settings) -> Result<Self, Failure> {
        let failure = |error| Failure::operation("can't open the database").because(error);
        match &settings.database {
            DatabaseUrl::Sqlite(file) => SqliteDatabase::open(file).map(Self::of).map_err(failure),
        }
    }

    fn of<D: Transactions + Queries + Schema + 'static>(database: D) -> Self {
        let database = Arc::new(database);
        Self {
            transactions: database.clone(),
            queries: database.clone(),
            schema: database,
            // Its lock keeps other servers away.
            duties: Arc::new(LocalDuties::default()),
        }
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

    /// Removes it, and answers whether there was one. Nobody may use it.
    pub(crate) fn remove(url: &DatabaseUrl) -> Result<bool, Failure> {
        match url {
            DatabaseUrl::Sqlite(file) => SqliteDatabase::remove(file)
                .map_err(|error| Failure::operation(format!("can't remove {url}")).because(error)),
        }
    }
}

impl DatabaseUrl {
    /// Keeps every other process from using it, if it is one for a single process.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, LockError> {
        match self {
            Self::Sqlite(file) => Lock::database(file).map(Some),
        }
    }

    /// Whether it is there, as far as this machine can tell without asking it.
    pub(crate) fn exists(&self) -> bool {
        match self {
            Self::Sqlite(file) => file.exists(),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => file.display().fmt(f),
        }
    }
}
