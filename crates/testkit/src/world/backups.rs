//! The use cases of backups.

use std::{num::NonZeroUsize, sync::Arc};

use lectern_application::backups::{
    BackUpNightly, FindLatestBackup, PruneBackups, RestoreBackup, TakeBackup, VerifyBackup,
};

use super::World;

impl World {
    /// Taking a backup, of which the newest `keep` are kept.
    pub fn take_backup(&self, keep: usize) -> TakeBackup {
        let backups = Arc::new(self.backups.clone());
        TakeBackup {
            dumps: Arc::new(self.dumps.clone()),
            backups: backups.clone(),
            prune: PruneBackups { backups, keep: NonZeroUsize::new(keep).unwrap() },
            transactions: self.transactions(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            lectern: "1.2.3",
        }
    }

    /// Taking one every night, at 03:00.
    pub fn back_up_nightly(&self) -> BackUpNightly {
        BackUpNightly {
            take: self.take_backup(10),
            queries: self.queries(),
            clock: self.clock.clone(),
            at: "03:00".parse().unwrap(),
        }
    }

    /// The newest.
    pub fn find_latest_backup(&self) -> FindLatestBackup {
        FindLatestBackup { backups: Arc::new(self.backups.clone()) }
    }

    /// Trying one out.
    pub fn verify_backup(&self) -> VerifyBackup {
        VerifyBackup {
            dumps: Arc::new(self.dumps.clone()),
            backups: Arc::new(self.backups.clone()),
            audio: Arc::new(self.audio.clone()),
        }
    }

    /// Restoring the database from one.
    pub fn restore_backup(&self) -> RestoreBackup {
        RestoreBackup {
            dumps: Arc::new(self.dumps.clone()),
            backups: Arc::new(self.backups.clone()),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
        }
    }
}
