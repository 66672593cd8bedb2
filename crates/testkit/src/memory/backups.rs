//! A folder of backups in memory; only the dumps are files.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use lectern_application::ports::{
    BackupDraft, Backups, BackupsError, LocalFile, Manifest, RecordingDigest, StoredBackup, UnpackedBackup,
};
use lectern_domain::time::Timestamp;
use tempfile::TempDir;
use tokio::sync::OwnedMutexGuard;

/// Keeps backups. Clones are the same folder.
#[derive(Debug, Clone, Default)]
pub struct MemoryBackups {
    kept: Arc<Mutex<BTreeMap<Timestamp, Kept>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug, Clone)]
struct Kept {
    manifest: Manifest,
    dump: Vec<u8>,
    recordings: Vec<RecordingDigest>,
}

impl MemoryBackups {
    /// Changes what the backup of that time says of itself.
    pub fn tamper(&self, taken_at: Timestamp, change: impl FnOnce(&mut Manifest)) {
        change(&mut self.kept.lock().unwrap().get_mut(&taken_at).unwrap().manifest);
    }
}

fn path_of(taken_at: Timestamp) -> PathBuf {
    PathBuf::from(format!("/backups/{}", taken_at.as_micros()))
}

struct MemoryDraft {
    folder: TempDir,
    dump: PathBuf,
    backups: MemoryBackups,
    _turn: OwnedMutexGuard<()>,
}

#[async_trait]
impl BackupDraft for MemoryDraft {
    fn dump(&self) -> &Path {
        &self.dump
    }

    async fn finish(
        self: Box<Self>,
        manifest: Manifest,
        recordings: Vec<RecordingDigest>,
    ) -> Result<StoredBackup, BackupsError> {
        let dump = fs::read(&self.dump)
            .map_err(|source| BackupsError::Unusable { path: self.folder.path().to_owned(), source })?;
        let (taken_at, bytes) = (manifest.taken_at, u64::try_from(dump.len()).unwrap());
        let mut kept = self.backups.kept.lock().unwrap();
        kept.insert(taken_at, Kept { manifest, dump, recordings });
        Ok(StoredBackup { path: path_of(taken_at), taken_at, bytes })
    }
}

#[async_trait]
impl Backups for MemoryBackups {
    async fn begin(&self) -> Result<Box<dyn BackupDraft>, BackupsError> {
        let busy = |_| BackupsError::Busy { folder: PathBuf::from("/backups") };
        let turn = self.turn.clone().try_lock_owned().map_err(busy)?;
        let folder = TempDir::new().unwrap();
        let dump = folder.path().join("dump");
        Ok(Box::new(MemoryDraft { folder, dump, backups: self.clone(), _turn: turn }))
    }

    async fn list(&self) -> Result<Vec<StoredBackup>, BackupsError> {
        let kept = self.kept.lock().unwrap();
        let stored = kept.iter().rev().map(|(taken_at, kept)| {
            let bytes = u64::try_from(kept.dump.len()).unwrap();
            StoredBackup { path: path_of(*taken_at), taken_at: *taken_at, bytes }
        });
        Ok(stored.collect())
    }

    async fn unpack(&self, file: &Path) -> Result<UnpackedBackup, BackupsError> {
        let kept = self.kept.lock().unwrap();
        let found = kept.iter().find(|(taken_at, _)| path_of(**taken_at) == file);
        let (_, Kept { manifest, dump, recordings }) =
            found.ok_or_else(|| BackupsError::Missing { file: file.to_owned() })?;
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("dump");
        fs::write(&path, dump).unwrap();
        let dump = LocalFile::temporary(path, folder);
        Ok(UnpackedBackup { manifest: manifest.clone(), dump, recordings: recordings.clone() })
    }

    async fn remove(&self, backup: &StoredBackup) -> Result<(), BackupsError> {
        self.kept.lock().unwrap().remove(&backup.taken_at);
        Ok(())
    }
}
