//! Trying a backup out.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use lectern_domain::transcription::AudioKey;
use sha2::{Digest as _, Sha256 as Hasher};

use super::FindLatestBackup;
use crate::{
    error::use_case_error,
    ports::{
        AudioStore, AudioStoreError, Backups, BackupsError, ByteRange, DatabaseKind, DumpError, Dumps,
        Manifest, MigrationError, RecordingDigest, StoreError,
    },
};

/// Recordings that are asked for at once.
const AT_ONCE: usize = 16;

/// Restores a backup into a scratch database, which goes again, and compares it with what the backup says; and looks
/// whether the recordings are there. Changes nothing.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct VerifyBackup {
    pub dumps: Arc<dyn Dumps>,
    pub backups: Arc<dyn Backups>,
    pub audio: Arc<dyn AudioStore>,
}

/// How closely recordings are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookAtRecordings {
    /// Whether they are there, and how large they are.
    Sizes,
    /// All their bytes.
    Contents,
}

/// A backup that can be restored.
#[derive(Debug)]
pub struct VerifiedBackup {
    /// The file.
    pub file: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
    /// Migrations that are applied when it is restored by this program.
    pub to_migrate: Vec<String>,
    /// What became of the recordings. They may have been deleted since.
    pub recordings: RecordingsFound,
}

/// What became of the recordings of a backup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordingsFound {
    /// How many there should be.
    pub expected: usize,
    /// Those that are not there.
    pub missing: Vec<AudioKey>,
    /// Those that have other bytes, or another number of them.
    pub changed: Vec<AudioKey>,
}

/// Why a backup is of no use, or could not be tried.
#[derive(Debug, thiserror::Error)]
pub enum VerifyBackupError {
    /// There is none.
    #[error("there is no backup yet")]
    None,
    /// It is of another kind of database.
    #[error("it is a backup of {}, and the database here is {}", backup.title(), here.title())]
    OtherDatabase {
        /// What it is of.
        backup: DatabaseKind,
        /// What is configured.
        here: DatabaseKind,
    },
    /// A newer Lectern has changed the schema before it was taken.
    #[error(
        "it has the schema {schema}, which is newer than what this version of Lectern knows: use the version that \
         took it, or one after it"
    )]
    NewerSchema {
        /// The version of its last migration.
        schema: String,
    },
    /// What was restored is not what was dumped.
    #[error("what was restored is not what the backup says: {}", differences.join("; "))]
    Different {
        /// In sentences without their ends.
        differences: Vec<String>,
    },
    /// The file can't be used.
    #[error(transparent)]
    Backup(#[from] BackupsError),
    /// The dump can't be used.
    #[error(transparent)]
    Dump(#[from] DumpError),
    /// The scratch database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The recordings can't be looked at.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
}

use_case_error!(VerifyBackupError {
    None => NotFound, "no_backup";
    OtherDatabase => Invalid, "backup_of_another_database";
    NewerSchema => Unsupported, "backup_too_new";
    Different => Invalid, "backup_differs";
    ..Backup, Dump, Store, Audio
});

impl From<MigrationError> for VerifyBackupError {
    fn from(error: MigrationError) -> Self {
        Self::Store(error.source)
    }
}

impl VerifyBackup {
    /// Tries out the backup in `file`, or the newest.
    pub async fn execute(
        &self,
        file: Option<&Path>,
        closely: LookAtRecordings,
    ) -> Result<VerifiedBackup, VerifyBackupError> {
        let file = match file {
            Some(file) => file.to_owned(),
            None => self.newest().await?,
        };
        let unpacked = self.backups.unpack(&file).await?;
        let manifest = unpacked.manifest;
        fits(&manifest, &*self.dumps)?;
        let to_migrate = {
            let scratch = self.dumps.load(unpacked.dump.path()).await?;
            let mut differences = scratch.census().await?.differences(&manifest.census);
            differences.extend(scratch.damage().await?);
            if !differences.is_empty() {
                return Err(VerifyBackupError::Different { differences });
            }
            // That every migration applies to what is really there, and leaves all balances right.
            let to_migrate = scratch.schema().migrate_up().await?;
            let mismatches = scratch.queries().ledger_mismatches().await?;
            let wrong = |user| format!("the balance of {user} is not the sum of its entries");
            let differences: Vec<_> = mismatches.iter().map(|mismatch| wrong(mismatch.user.0)).collect();
            if !differences.is_empty() {
                return Err(VerifyBackupError::Different { differences });
            }
            to_migrate
        };
        let recordings = self.recordings(unpacked.recordings, closely).await?;
        Ok(VerifiedBackup { file, manifest, to_migrate, recordings })
    }

    async fn newest(&self) -> Result<PathBuf, VerifyBackupError> {
        let newest = FindLatestBackup { backups: self.backups.clone() }.execute().await?;
        newest.map(|newest| newest.path).ok_or(VerifyBackupError::None)
    }

    async fn recordings(
        &self,
        recordings: Vec<RecordingDigest>,
        closely: LookAtRecordings,
    ) -> Result<RecordingsFound, AudioStoreError> {
        let expected = recordings.len();
        let looked = stream::iter(recordings)
            .map(|recording| async move { Ok((recording.key, self.look_at(recording, closely).await?)) })
            .buffered(AT_ONCE);
        let found = RecordingsFound { expected, ..RecordingsFound::default() };
        looked
            .try_fold(found, async |mut found, (key, state)| {
                match state {
                    Recorded::Whole => {}
                    Recorded::Missing => found.missing.push(key),
                    Recorded::Changed => found.changed.push(key),
                }
                Ok(found)
            })
            .await
    }

    async fn look_at(
        &self,
        recording: RecordingDigest,
        closely: LookAtRecordings,
    ) -> Result<Recorded, AudioStoreError> {
        let range = match closely {
            LookAtRecordings::Sizes => Some(ByteRange { start: 0, end: Some(1) }),
            LookAtRecordings::Contents => None,
        };
        let mut audio = match self.audio.read(recording.key, range).await {
            Ok(audio) => audio,
            Err(AudioStoreError::Missing) => return Ok(Recorded::Missing),
            Err(error) => return Err(error),
        };
        if audio.total != recording.bytes {
            return Ok(Recorded::Changed);
        }
        if closely == LookAtRecordings::Sizes {
            return Ok(Recorded::Whole);
        }
        let mut hasher = Hasher::new();
        while let Some(bytes) = audio.bytes.try_next().await? {
            hasher.update(&bytes);
        }
        let is_same = hasher.finalize()[..] == recording.sha256.0;
        Ok(if is_same { Recorded::Whole } else { Recorded::Changed })
    }
}

/// A recording as it is now.
enum Recorded {
    Whole,
    Missing,
    Changed,
}

/// Whether a backup could be restored into this database by this program.
pub(super) fn fits(manifest: &Manifest, dumps: &dyn Dumps) -> Result<(), VerifyBackupError> {
    if manifest.database != dumps.kind() {
        return Err(VerifyBackupError::OtherDatabase { backup: manifest.database, here: dumps.kind() });
    }
    if manifest.schema > dumps.newest_schema()? {
        return Err(VerifyBackupError::NewerSchema { schema: manifest.schema.clone() });
    }
    Ok(())
}
