//! Removing the oldest backups.

use std::{num::NonZeroUsize, sync::Arc};

use crate::ports::{Backups, BackupsError, StoredBackup};

/// Keeps the newest backups, and removes the others. What is not named as a backup is left alone.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct PruneBackups {
    pub backups: Arc<dyn Backups>,
    /// How many are kept.
    pub keep: NonZeroUsize,
}

impl PruneBackups {
    /// Removes them, and answers which. Only after one was taken, which stays whatever the clock says: a backup that
    /// failed removes nothing.
    pub async fn execute(&self, taken: &StoredBackup) -> Result<Vec<StoredBackup>, BackupsError> {
        let all = self.backups.list().await?;
        let others = all.into_iter().filter(|backup| backup.path != taken.path);
        let oldest: Vec<_> = others.skip(self.keep.get() - 1).collect();
        for backup in &oldest {
            self.backups.remove(backup).await?;
        }
        Ok(oldest)
    }
}
