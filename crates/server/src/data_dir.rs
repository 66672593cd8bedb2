//! The data folder: the embedded database, recordings, keys and secrets, for one server at a time.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// The file that is locked. It stays when the lock is gone: a lock belongs to a process, not to a file's existence.
const LOCK: &str = "lock";

/// The data folder, locked until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// Why the data folder can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataDirError {
    #[error("can't make or open the data folder {}", path.display())]
    Unusable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("another process uses the data folder {}", path.display())]
    InUse { path: PathBuf },
}

impl From<DataDirError> for Failure {
    fn from(error: DataDirError) -> Self {
        let fix = match error {
            DataDirError::Unusable { .. } => {
                "Check its owner and permissions, or name another with --data-dir."
            }
            DataDirError::InUse { .. } => {
                "Stop that one first, or name another folder for this one with --data-dir. \
                 To transcribe with several processes, use `lectern worker`."
            }
        };
        Self::operation("can't start").because(error).fix(fix)
    }
}

impl DataDir {
    /// Makes the folder, for this user alone, unless it is there, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        let path = path.to_owned();
        match make(&path) {
            Err(source) => Err(DataDirError::Unusable { path, source }),
            Ok(lock) => match lock.try_lock() {
                Ok(()) => Ok(Self { path, _lock: lock }),
                Err(TryLockError::WouldBlock) => Err(DataDirError::InUse { path }),
                Err(TryLockError::Error(source)) => Err(DataDirError::Unusable { path, source }),
            },
        }
    }

    /// Where the keys are that sign tokens.
    pub(crate) fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Where a secret is that was made on first start.
    pub(crate) fn secret(&self, name: &str) -> PathBuf {
        self.path.join("secrets").join(name)
    }

    /// Where uploads are while they come in.
    pub(crate) fn staging(&self) -> PathBuf {
        self.path.join("staging")
    }
}

/// Makes the folder and the file that is to be locked.
fn make(folder: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    OpenOptions::new().create(true).append(true).mode(0o600).open(folder.join(LOCK))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_new_folder_is_for_its_owner_alone() {
        let parent = TempDir::new().unwrap();
        let path = parent.path().join("data");
        let _data = DataDir::open(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_is_used_once_at_a_time() {
        let folder = TempDir::new().unwrap();
        let first = DataDir::open(folder.path()).unwrap();
        assert!(matches!(DataDir::open(folder.path()), Err(DataDirError::InUse { .. })));
        drop(first);
        assert!(DataDir::open(folder.path()).is_ok());
    }
}
