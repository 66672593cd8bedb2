//! The port [`Schema`]: the schema's versions. The migrations themselves are in `migrations/sqlite` and become part of the program.
//!
//! All steps of one call happen in one transaction: a schema is never left half way, and processes that migrate at
//! once take turns. Every migration has a way back.

use async_trait::async_trait;
use diesel::{SqliteConnection, migration::MigrationSource, sqlite::Sqlite};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use lectern_application::ports::{
    MigrationError, MigrationState, MigrationStatus, Schema, Source, StoreError,
};

use crate::{SqliteDatabase, blocking::blocking, defects::defects, failure::Failure};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

#[async_trait]
impl Schema for SqliteDatabase {
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
        self.read(defects).await
    }
}

impl SqliteDatabase {
    async fn migrate<T: Send + 'static>(
        &self,
        steps: fn(&mut SqliteConnection) -> Result<T, Source>,
    ) -> Result<T, MigrationError> {
        let writer = self.writer().await.map_err(|source| MigrationError { source })?;
        let migrated = blocking(move || {
            let mut writer = writer;
            writer.connection()?.immediate_transaction(steps).map_err(Failure::unstorable)
        });
        migrated.await.map_err(|source| MigrationError { source })
    }
}

/// The versions of applied migrations that this program does not have.
pub(crate) fn unknown(connection: &mut SqliteConnection) -> Result<Vec<String>, Source> {
    let known = known()?;
    let applied = connection.applied_migrations()?;
    let applied = applied.iter().map(ToString::to_string);
    Ok(applied.filter(|version| !known.iter().any(|known| known.version == *version)).collect())
}

struct Known {
    version: String,
    name: String,
}

fn known() -> Result<Vec<Known>, Source> {
    let mut known = MigrationSource::<Sqlite>::migrations(&MIGRATIONS)?
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

fn up(connection: &mut SqliteConnection) -> Result<Vec<String>, Source> {
    let applied = connection.run_pending_migrations(MIGRATIONS)?;
    applied.iter().map(|version| name_of(&version.to_string())).collect()
}

fn down(connection: &mut SqliteConnection) -> Result<Option<String>, Source> {
    if connection.applied_migrations()?.is_empty() {
        return Ok(None);
    }
    let reverted = connection.revert_last_migration(MIGRATIONS)?;
    name_of(&reverted.to_string()).map(Some)
}

fn redo(connection: &mut SqliteConnection) -> Result<Option<String>, Source> {
    let Some(reverted) = down(connection)? else { return Ok(None) };
    connection.run_next_migration(MIGRATIONS)?;
    Ok(Some(reverted))
}

fn status(connection: &mut SqliteConnection) -> Result<Vec<MigrationStatus>, Source> {
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
