//! Backups of the database: taken every night or on command, verified, restored.
//!
//! A backup is a file with the database's dump, a manifest of what is in it, and one of the recordings, which are not in it
//! themselves. Taking one disturbs nobody; a failure touches no other backup.

mod kinds;
mod latest;
mod nightly;
mod prune;
mod restore;
mod take;
mod verify;

pub use latest::FindLatestBackup;
pub use nightly::BackUpNightly;
pub use prune::PruneBackups;
pub use restore::{Replacing, RestoreBackup, RestoreBackupError, Restored};
pub use take::{Occasion, TakeBackup, TakeBackupError, TakenBackup};
pub use verify::{LookAtRecordings, RecordingsFound, VerifiedBackup, VerifyBackup, VerifyBackupError};

/// The names of what is measured.
pub mod measures {
    /// Counts backups, by `outcome`: `succeeded` or `failed`.
    pub const BACKUPS: &str = "lectern_backups_total";
    /// When the newest backup was taken, in seconds since 1970-01-01T00:00:00Z.
    pub const LAST_SUCCESS: &str = "lectern_backup_last_success_timestamp_seconds";
    /// The size of the newest backup, in bytes.
    pub const SIZE: &str = "lectern_backup_size_bytes";
}
