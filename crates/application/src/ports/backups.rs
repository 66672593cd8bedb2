//! Backups: dumps in files that tell whether they are whole, in a folder.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use lectern_domain::time::Timestamp;

use super::{Census, DatabaseKind, LocalFile, RecordingDigest, Source};

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The version of the program that took it.
    pub lectern: String,
    /// When it was begun.
    pub taken_at: Timestamp,
    /// What it is of.
    pub database: DatabaseKind,
    /// The version of the last migration.
    pub schema: String,
    /// How much is in it.
    pub census: Census,
}

/// A backup in the folder, by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBackup {
    /// The file.
    pub path: PathBuf,
    /// When it was begun.
    pub taken_at: Timestamp,
    /// The file's size.
    pub bytes: u64,
}

impl StoredBackup {
    /// The file's name, without the folder.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// A backup that was found whole.
#[derive(Debug)]
pub struct UnpackedBackup {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The database's dump, until this is dropped.
    pub dump: LocalFile,
    /// The recordings that go with it.
    pub recordings: Vec<RecordingDigest>,
}

/// Why a backup could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum BackupsError {
    /// One is being taken already.
    #[error("another backup is being taken into {}", folder.display())]
    Busy {
        /// Where.
        folder: PathBuf,
    },
    /// There is no room left.
    #[error("there is no room left in {}", folder.display())]
    Full {
        /// Where.
        folder: PathBuf,
        /// What was met.
        #[source]
        source: Source,
    },
    /// The folder, or something in it, can't be used.
    #[error("{} can't be used", path.display())]
    Unusable {
        /// What.
        path: PathBuf,
        /// What was met.
        #[source]
        source: std::io::Error,
    },
    /// It is not there.
    #[error("there is no file {}", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// It is something else, or its end is missing.
    #[error("{} is no backup of Lectern, or its end is missing", file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// It is not as it was written.
    #[error("{} is damaged: {what}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong, as a clause.
        what: String,
    },
    /// It was written in a way that this program does not know.
    #[error(
        "{} has the format {format}, which a newer version of Lectern writes: use that version, or one after it",
        file.display()
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// Its format.
        format: u64,
    },
}

/// A backup that is being taken. Dropped, it MUST leave nothing.
#[async_trait]
pub trait BackupDraft: Send {
    /// Where the database is to be dumped: a file that is not there yet, in a folder that nobody else reads.
    fn dump(&self) -> &Path;

    /// Ends it. It MUST be all or nothing, and on the disk when this answers; no other backup MUST be touched.
    async fn finish(
        self: Box<Self>,
        manifest: Manifest,
        recordings: Vec<RecordingDigest>,
    ) -> Result<StoredBackup, BackupsError>;
}

/// Keeps backups in a folder.
#[async_trait]
pub trait Backups: Send + Sync {
    /// Begins one. While one is being taken, by whatever process, this MUST be [`BackupsError::Busy`].
    async fn begin(&self) -> Result<Box<dyn BackupDraft>, BackupsError>;

    /// Those that are there, the newest first; none where there is no folder. What is not named as a backup MUST NOT be
    /// among them.
    async fn list(&self) -> Result<Vec<StoredBackup>, BackupsError>;

    /// Reads a backup, wherever it is. One that is not byte for byte as it was written MUST be refused.
    async fn unpack(&self, file: &Path) -> Result<UnpackedBackup, BackupsError>;

    /// Removes a backup of the list. One that is gone already MUST be no error.
    async fn remove(&self, backup: &StoredBackup) -> Result<(), BackupsError>;
}
