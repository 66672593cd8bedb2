//! Taking a backup.

use std::sync::Arc;

use lectern_domain::{
    audit::{AuditKind, Origin},
    time::Timestamp,
};

use super::{PruneBackups, latest::note};
use crate::{
    MachineOperator, UseCaseError,
    caller::audit_event,
    error::{chain, use_case_error},
    metrics::catalogue::{BACKUPS, FAILED, SUCCEEDED},
    ports::{
        Backups, BackupsError, Clock, DumpError, Dumps, Ids, Manifest, StoreError, StoredBackup, Transactions,
    },
};

/// Takes a backup beside whoever writes, and removes the oldest if there are enough.
///
/// Whatever happens is an audit event, a line of the log and a measure. A failure leaves nothing and removes nothing.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct TakeBackup {
    pub dumps: Arc<dyn Dumps>,
    pub backups: Arc<dyn Backups>,
    pub prune: PruneBackups,
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// The program's version.
    pub lectern: &'static str,
}

/// Why a backup is taken.
#[derive(Debug, Clone, Copy)]
pub enum Occasion<'a> {
    /// It is the hour.
    Schedule,
    /// The operator wants one.
    Command(&'a MachineOperator),
}

/// A backup that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBackup {
    /// The file.
    pub stored: StoredBackup,
    /// What is in it.
    pub manifest: Manifest,
    /// How many recordings go with it.
    pub recordings: usize,
    /// The older ones that were removed.
    pub removed: Vec<StoredBackup>,
}

/// Why there is no new backup.
#[derive(Debug, thiserror::Error)]
pub enum TakeBackupError {
    /// The database could not be dumped.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// The dump could not be kept.
    #[error(transparent)]
    Keep(#[from] BackupsError),
}

use_case_error!(TakeBackupError { ..Dump, Keep });

impl TakeBackup {
    /// Takes one.
    pub async fn execute(&self, occasion: Occasion<'_>) -> Result<TakenBackup, TakeBackupError> {
        let now = self.clock.now();
        match self.take(now).await {
            Ok((stored, manifest, recordings)) => {
                BACKUPS.count([SUCCEEDED]);
                note(stored.taken_at, stored.bytes);
                let (file, bytes) = (stored.name(), stored.bytes);
                tracing::info!(file, bytes, recordings, "took a backup");
                self.record(occasion, AuditKind::BackupTaken { file, bytes }).await;
                let removed = self.prune(&stored).await;
                Ok(TakenBackup { stored, manifest, recordings, removed })
            }
            Err(error) => {
                BACKUPS.count([FAILED]);
                tracing::error!(error = chain(&error), "COULD NOT TAKE A BACKUP");
                self.record(occasion, AuditKind::BackupFailed { code: error.code() }).await;
                Err(error)
            }
        }
    }

    async fn take(&self, now: Timestamp) -> Result<(StoredBackup, Manifest, usize), TakeBackupError> {
        let draft = self.backups.begin().await?;
        let dumped = self.dumps.dump(draft.dump()).await?;
        let manifest = Manifest {
            lectern: self.lectern.to_owned(),
            taken_at: now,
            database: self.dumps.kind(),
            schema: dumped.schema,
            census: dumped.census,
        };
        let recordings = dumped.recordings.len();
        let stored = draft.finish(manifest.clone(), dumped.recordings).await?;
        Ok((stored, manifest, recordings))
    }

    /// The backup is there, whatever becomes of older ones.
    async fn prune(&self, stored: &StoredBackup) -> Vec<StoredBackup> {
        match self.prune.execute(stored).await {
            Ok(removed) => removed,
            Err(error) => {
                tracing::warn!(error = chain(&error), "can't remove old backups");
                Vec::new()
            }
        }
    }

    /// A database that is out of order is what backups are for: what can't be written down does not change what happened.
    async fn record(&self, occasion: Occasion<'_>, kind: AuditKind) {
        if let Err(error) = self.write_down(occasion, kind).await {
            tracing::warn!(error = chain(&error), "can't write the backup into the audit log");
        }
    }

    async fn write_down(&self, occasion: Occasion<'_>, kind: AuditKind) -> Result<(), StoreError> {
        let now = self.clock.now();
        let event = match occasion {
            Occasion::Schedule => audit_event(&*self.ids, now, kind, None, None, &Origin::default()),
            Occasion::Command(operator) => operator.event(&*self.ids, now, kind, None),
        };
        let mut work = self.transactions.begin().await?;
        work.record(&event).await?;
        work.commit().await
    }
}
