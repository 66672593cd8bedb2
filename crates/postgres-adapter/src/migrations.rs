//! The port [`Schema`]: the schema's versions. The migrations themselves are in `migrations/postgres` and become part of the program.
//!
//! All steps of one call happen in one transaction: a schema is never left half way. Processes that migrate at once take
//! turns, by a lock that ends with the connection. Every migration has a way back.

use async_trait::async_trait;
use diesel::{
    Connection as _, QueryableByName,
    connection::SimpleConnection,
    migration::MigrationSource,
    pg::Pg,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use lectern_application::ports::{
    MigrationError, MigrationState, MigrationStatus, Schema, Source, StoreError,
};

use crate::{PostgresDatabase, defects::defects, failure::Failure};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

#[async_trait]
impl Schema for PostgresDatabase {
    async fn migrate_up(&self) -> Result<Vec<String>, MigrationError> {
        self.migrate(up).await
    }

    async fn migrate_down(&self) -> Result<Option<String>, MigrationError> {
        self.migrate(down).await
    }

    async fn migrate_redo(&self) -> Result<Option<String>, MigrationError> {
        self.migrate(redo).await
    }

    async fn migration_status(&self) -> Result<Vec<MigrationStatus>, MigrationError> {
        self.migrate(status).await
    }

    async fn defects(&self) -> Result<Vec<String>, StoreError> {
        self.read_unhurried(defects).await
    }
}

impl PostgresDatabase {
    /// Waits for whoever migrates already, and takes the steps in one transaction.
    async fn migrate<T: Send + 'static>(
        &self,
        steps: fn(&mut Migrating) -> Result<T, Source>,
    ) -> Result<T, MigrationError> {
        let connection = self.unhurried().await.map_err(|source| MigrationError { source })?;
        let migrated = tokio::task::spawn_blocking(move || {
            let (connection, _driver) = connection.into_parts();
            let mut connection = Migrating::from(connection);
            connection.batch_execute(LOCK)?;
            connection.transaction(steps)
        });
        let migrated = migrated.await.unwrap_or_else(|panicked| Err(panicked.into()));
        migrated.map_err(|source| MigrationError { source: StoreError::Backend { source } })
    }
}

/// The harness of migrations blocks, so the connection is wrapped for it.
type Migrating = AsyncConnectionWrapper<AsyncPgConnection>;

/// By whatever name, as long as nothing else in the database takes it.
const LOCK: &str = "SELECT pg_advisory_lock(hashtextextended('migrations of lectern', 0))";

/// What the database is encoded in.
pub(crate) async fn encoding(connection: &mut AsyncPgConnection) -> Result<String, Failure> {
    let encoding = diesel::sql_query("SELECT current_setting('server_encoding') AS name");
    Ok(encoding.get_result::<Name>(connection).await?.name)
}

/// The versions of applied migrations that this program does not have.
pub(crate) async fn unknown(connection: &mut AsyncPgConnection) -> Result<Vec<String>, Failure> {
    let known = known().map_err(Failure::unstorable)?;
    let begun = diesel::sql_query("SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS begun");
    if !begun.get_result::<Begun>(connection).await?.begun {
        return Ok(Vec::new());
    }
    let applied =
        diesel::sql_query("SELECT version AS name FROM __diesel_schema_migrations ORDER BY version");
    let applied = applied.load::<Name>(connection).await?.into_iter().map(|row| row.name);
    Ok(applied.filter(|version| !known.iter().any(|known| known.version == *version)).collect())
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Begun {
    #[diesel(sql_type = Bool)]
    begun: bool,
}

struct Known {
    version: String,
    name: String,
}

fn known() -> Result<Vec<Known>, Source> {
    let mut known = MigrationSource::<Pg>::migrations(&MIGRATIONS)?
        .iter()
        .map(|migration| migration.name())
        .map(|name| Known { version: name.version().to_string(), name: name.to_string() })
        .collect::<Vec<_>>();
    known.sort_by(|a, b| a.version.cmp(&b.version));
    Ok(known)
}

/// The version of the last one.
pub(crate) fn newest() -> Result<String, Source> {
    Ok(known()?.pop().map(|known| known.version).unwrap_or_default())
}

fn name_of(version: &str) -> Result<String, Source> {
    let known = known()?.into_iter().find(|known| known.version == version);
    Ok(known.map_or_else(|| version.to_owned(), |known| known.name))
}

fn up(connection: &mut Migrating) -> Result<Vec<String>, Source> {
    let applied = connection.run_pending_migrations(MIGRATIONS)?;
    applied.iter().map(|version| name_of(&version.to_string())).collect()
}

fn down(connection: &mut Migrating) -> Result<Option<String>, Source> {
    if connection.applied_migrations()?.is_empty() {
        return Ok(None);
    }
    let reverted = connection.revert_last_migration(MIGRATIONS)?;
    name_of(&reverted.to_string()).map(Some)
}

fn redo(connection: &mut Migrating) -> Result<Option<String>, Source> {
    let Some(reverted) = down(connection)? else { return Ok(None) };
    connection.run_next_migration(MIGRATIONS)?;
    Ok(Some(reverted))
}

fn status(connection: &mut Migrating) -> Result<Vec<MigrationStatus>, Source> {
    let applied = connection.applied_migrations()?;
    let applied = applied.iter().map(ToString::to_string).collect::<Vec<_>>();
    let state = |version: &String| {
        if applied.contains(version) { MigrationState::Applied } else { MigrationState::Pending }
    };
    Ok(known()?
        .into_iter()
        .map(|known| MigrationStatus { state: state(&known.version), name: known.name })
        .collect())
}
