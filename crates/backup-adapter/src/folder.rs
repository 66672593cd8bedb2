//! The folder of backups.

use std::{
    ffi::OsStr,
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use lectern_application::ports::{BackupDraft, Backups, BackupsError, StoredBackup, UnpackedBackup};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use crate::{draft::Draft, name, unpack::unpack};

/// The file that is locked while a backup is taken.
const TURN: &str = ".lock";
/// What the names of folders begin with that something is written or unpacked in.
const WORK: &str = ".work-";
/// The file in such a folder that is locked for as long as somebody uses it.
const IN_USE: &str = "in-use";

/// A folder of backups. It is made, for its owner alone, when the first is taken.
#[derive(Debug, Clone)]
pub struct BackupFolder {
    folder: PathBuf,
}

impl BackupFolder {
    /// The folder at `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn draft(&self) -> Result<Draft, BackupsError> {
        let turn = Turn::take(&self.folder)?;
        let work = WorkFolder::make(&self.folder)?;
        Ok(Draft { dump: work.path().join("dump"), work, folder: self.folder.clone(), _turn: turn })
    }

    fn stored(&self) -> Result<Vec<StoredBackup>, BackupsError> {
        let failed = |error| unusable(&self.folder, error);
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut stored = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let Some(taken_at) = entry.file_name().to_str().and_then(name::taken_at) else { continue };
            match entry.metadata() {
                Ok(metadata) if metadata.is_file() => {
                    stored.push(StoredBackup { path: entry.path(), taken_at, bytes: metadata.len() });
                }
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed(error)),
            }
        }
        stored.sort_by_key(|backup| std::cmp::Reverse(backup.taken_at));
        Ok(stored)
    }
}

#[async_trait]
impl Backups for BackupFolder {
    async fn begin(&self) -> Result<Box<dyn BackupDraft>, BackupsError> {
        let folder = self.clone();
        let draft = blocking(move || folder.draft()).await?;
        Ok(Box::new(draft))
    }

    async fn list(&self) -> Result<Vec<StoredBackup>, BackupsError> {
        let folder = self.clone();
        blocking(move || folder.stored()).await
    }

    async fn unpack(&self, file: &Path) -> Result<UnpackedBackup, BackupsError> {
        let (file, folder) = (file.to_owned(), self.folder.clone());
        blocking(move || unpack(&file, WorkFolder::make(&folder)?)).await
    }

    async fn remove(&self, backup: &StoredBackup) -> Result<(), BackupsError> {
        let path = backup.path.clone();
        blocking(move || match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&path, error)),
            Ok(()) | Err(_) => Ok(()),
        })
        .await
    }
}

/// The right to take a backup into a folder, until it is dropped or the process ends.
pub(crate) struct Turn {
    _locked: File,
}

impl Turn {
    fn take(folder: &Path) -> Result<Self, BackupsError> {
        make_folder(folder)?;
        match locked(&folder.join(TURN)) {
            Ok(Some(locked)) => Ok(Self { _locked: locked }),
            Ok(None) => Err(BackupsError::Busy { folder: folder.to_owned() }),
            Err(error) => Err(unusable(folder, error)),
        }
    }
}

/// A folder beside the backups that goes when it is dropped. What a process left that was killed goes with the next.
#[derive(Debug)]
pub(crate) struct WorkFolder {
    folder: TempDir,
    _in_use: File,
}

impl WorkFolder {
    fn make(beside: &Path) -> Result<Self, BackupsError> {
        make_folder(beside)?;
        let failed = |error| unusable(beside, error);
        remove_abandoned(beside).map_err(failed)?;
        let folder = tempfile::Builder::new().prefix(WORK).tempdir_in(beside).map_err(failed)?;
        match locked(&folder.path().join(IN_USE)).map_err(failed)? {
            Some(in_use) => Ok(Self { folder, _in_use: in_use }),
            None => Err(failed(io::Error::other("another process is cleaning up; try again"))),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Removes what processes left that were killed. A folder that has just been made, and is not locked yet, has no file.
fn remove_abandoned(beside: &Path) -> io::Result<()> {
    for entry in fs::read_dir(beside)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().starts_with(WORK) {
            continue;
        }
        let in_use = entry.path().join(IN_USE);
        if in_use.exists() && matches!(locked(&in_use), Ok(Some(_))) {
            tracing::info!(folder = %entry.path().display(), "removes what an interrupted backup left");
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The file at `path`, locked; `None` if another has it.
fn locked(path: &Path) -> io::Result<Option<File>> {
    let file = File::options().create(true).append(true).mode(0o600).open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn make_folder(folder: &Path) -> Result<(), BackupsError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|error| unusable(folder, error))
}

/// Makes a file its owner's alone.
pub(crate) fn private(file: &File) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(0o600))
}

/// What kept a file or folder from being used.
pub(crate) fn unusable(path: &Path, source: io::Error) -> BackupsError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            let is_ours = |path: &Path| {
                path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with(WORK))
            };
            let folder = path.ancestors().find(|path| !is_ours(path)).unwrap_or(path);
            BackupsError::Full { folder: folder.to_owned(), source: Box::new(source) }
        }
        _ => BackupsError::Unusable { path: path.to_owned(), source },
    }
}

/// Runs what blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupsError> + Send + 'static,
) -> Result<T, BackupsError> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => {
            let source = io::Error::other(ended);
            Err(BackupsError::Unusable { path: PathBuf::from("the folder of backups"), source })
        }
    }
}
