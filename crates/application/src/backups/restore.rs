//! Restoring the database from a backup.

use std::{path::Path, sync::Arc};

use lectern_domain::audit::AuditKind;

use super::verify::{VerifyBackupError, fits};
use crate::{
    MachineOperator,
    error::use_case_error,
    ports::{Backups, BackupsError, Clock, DumpError, Dumps, Ids, Manifest, MigrationError, StoreError},
};

/// Puts what is in a backup in the place of the database: whole, or not at all. The former database is kept aside.
///
/// Everything is done and compared in a database beside it, migrations too; only then do the two change places.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct RestoreBackup {
    pub dumps: Arc<dyn Dumps>,
    pub backups: Arc<dyn Backups>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// What may be replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacing {
    /// A database without any account, or none.
    Nothing,
    /// Whatever is there, be it a database that can't be read any more.
    Anything,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What was in the backup.
    pub manifest: Manifest,
    /// What the former database is called now.
    pub set_aside: Option<String>,
    /// The migrations that were applied.
    pub migrated: Vec<String>,
}

/// Why the database is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreBackupError {
    /// It has accounts.
    #[error("the database has {accounts} accounts")]
    NotEmpty {
        /// How many.
        accounts: u64,
    },
    /// It can't be told whether it has any.
    #[error("the database that is there can't be read")]
    Unreadable {
        /// What was met.
        #[source]
        source: DumpError,
    },
    /// Somebody uses it.
    #[error("{connections} others are connected to the database")]
    InUse {
        /// How many.
        connections: u64,
    },
    /// The backup can't be restored.
    #[error(transparent)]
    Backup(#[from] VerifyBackupError),
    /// The databases could not change places, or could not be asked.
    #[error(transparent)]
    Dump(#[from] DumpError),
}

use_case_error!(RestoreBackupError {
    NotEmpty => Conflict, "database_not_empty";
    Unreadable => Conflict, "database_unreadable";
    InUse => Conflict, "database_in_use";
    ..Backup, Dump
});

impl From<BackupsError> for RestoreBackupError {
    fn from(error: BackupsError) -> Self {
        Self::Backup(error.into())
    }
}

impl From<StoreError> for RestoreBackupError {
    fn from(error: StoreError) -> Self {
        Self::Dump(error.into())
    }
}

impl From<MigrationError> for RestoreBackupError {
    fn from(error: MigrationError) -> Self {
        Self::Dump(error.source.into())
    }
}

impl RestoreBackup {
    /// Restores the backup in `file`. The caller holds whatever keeps servers from starting.
    pub async fn execute(
        &self,
        operator: &MachineOperator,
        file: &Path,
        replacing: Replacing,
    ) -> Result<Restored, RestoreBackupError> {
        let unpacked = self.backups.unpack(file).await?;
        let manifest = unpacked.manifest;
        fits(&manifest, &*self.dumps)?;
        let connections = self.dumps.others_connected().await?;
        if connections > 0 {
            return Err(RestoreBackupError::InUse { connections });
        }
        if replacing == Replacing::Nothing {
            let accounts = self.dumps.accounts().await;
            let accounts = accounts.map_err(|source| RestoreBackupError::Unreadable { source })?;
            if accounts > 0 {
                return Err(RestoreBackupError::NotEmpty { accounts });
            }
        }
        let scratch = self.dumps.load(unpacked.dump.path()).await?;
        let differences = scratch.census().await?.differences(&manifest.census);
        if !differences.is_empty() {
            return Err(VerifyBackupError::Different { differences }.into());
        }
        let migrated = scratch.schema().migrate_up().await?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kind = AuditKind::DatabaseRestored { file: name, taken_at: manifest.taken_at };
        let mut work = scratch.transactions().begin().await?;
        work.record(&operator.event(&*self.ids, self.clock.now(), kind, None)).await?;
        work.commit().await?;
        let set_aside = scratch.replace().await?;
        tracing::info!(file = %file.display(), set_aside, "restored the database");
        Ok(Restored { manifest, set_aside, migrated })
    }
}
