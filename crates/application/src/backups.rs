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
