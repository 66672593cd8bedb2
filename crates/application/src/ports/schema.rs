//! The database's schema and its soundness: what operators look after, and no request ever does.

use async_trait::async_trait;

use super::StoreError;

/// Why the schema could not be read or changed.
#[derive(Debug, thiserror::Error)]
#[error("the database's schema could not be read or changed")]
pub struct MigrationError {
    /// What was met.
    #[source]
    pub source: StoreError,
}

/// Whether a migration is in effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationState {
    /// It is.
    Applied,
    /// Not yet: [`Schema::migrate_up`] applies it.
    Pending,
}

/// A migration and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its name, such as `2026-11-21-100000_accounts`.
    pub name: String,
    /// Its state.
    pub state: MigrationState,
}

/// The schema's versions, and what is damaged.
///
/// A step MUST happen whole or not at all. Processes that migrate at once MUST take turns.
#[async_trait]
pub trait Schema: Send + Sync {
    /// Applies what is pending, and answers the names of what it applied, in order.
    async fn migrate_up(&self) -> Result<Vec<String>, MigrationError>;

    /// Undoes the last migration that was applied, and answers its name; `None` if there is none.
    async fn migrate_down(&self) -> Result<Option<String>, MigrationError>;

    /// Undoes the last migration that was applied and applies it again; `None` if there is none.
    async fn migrate_redo(&self) -> Result<Option<String>, MigrationError>;

    /// All migrations, in order.
    async fn migration_status(&self) -> Result<Vec<MigrationStatus>, MigrationError>;

    /// What the database finds wrong with itself, in sentences without their ends; empty if all is well. May read
    /// everything there is. MUST change nothing.
    async fn defects(&self) -> Result<Vec<String>, StoreError>;
}
