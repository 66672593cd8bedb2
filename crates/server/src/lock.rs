//! What one process at a time may use.
//!
//! A lock belongs to a process, not to a file's existence: it ends with the process, however that ends, and its file
//! stays.

use std::{
    fmt,
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use crate::failure::Failure;

/// The file in a data folder that is locked.
const FOLDER_LOCK: &str = "lock";
/// The end of the name of the file beside a database that is locked.
const DATABASE_LOCK_SUFFIX: &str = ".lock";

/// A lock, held until this is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// What is locked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Locked {
    /// A data folder.
    DataFolder(PathBuf),
    /// A database's file.
    Database(PathBuf),
}

/// Why it isn't.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    #[error("can't make or open the {locked}")]
    Unusable {
        locked: Locked,
        #[source]
        source: io::Error,
    },
    #[error("another process uses the {0}")]
    InUse(Locked),
}

impl fmt::Display for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataFolder(path) => write!(f, "data folder {}", path.display()),
            Self::Database(path) => write!(f, "database {}", path.display()),
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        let fix = match &error {
            LockError::Unusable { locked: Locked::DataFolder(_), .. } => {
                "Check its owner and permissions, or name another with --data-dir."
            }
            LockError::Unusable { locked: Locked::Database(_), .. } => {
                "Check the owner and permissions of its folder, or name another with --database-url."
            }
            LockError::InUse(Locked::DataFolder(_)) => {
                "Stop that one first, or name another folder for this one with --data-dir. \
                 To transcribe with several processes, use `lectern worker`."
            }
            LockError::InUse(Locked::Database(_)) => {
                "Stop that one first, or name another database for this one with --database-url."
            }
        };
        Self::operation("can't start").because(error).fix(fix)
    }
}

impl Lock {
    /// Locks a data folder; makes it, for this user alone, unless it is there.
    pub(crate) fn data_folder(folder: &Path) -> Result<Self, LockError> {
        let make = || DirBuilder::new().recursive(true).mode(0o700).create(folder);
        let locked = || Locked::DataFolder(folder.to_owned());
        match make() {
            Ok(()) => Self::acquire(&folder.join(FOLDER_LOCK), locked),
            Err(source) => Err(LockError::Unusable { locked: locked(), source }),
        }
    }

    /// Locks a database by a file beside it, as it may lie anywhere, outside of every data folder. A link leads to the
    /// same lock as the file itself.
    pub(crate) fn database(file: &Path) -> Result<Self, LockError> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let locked = || Locked::Database(file.to_owned());
        if let Some(folder) = folder
            && let Err(source) = DirBuilder::new().recursive(true).mode(0o700).create(folder)
        {
            return Err(LockError::Unusable { locked: locked(), source });
        }
        let mut beside = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned()).into_os_string();
        beside.push(DATABASE_LOCK_SUFFIX);
        Self::acquire(Path::new(&beside), locked)
    }

    fn acquire(path: &Path, locked: impl FnOnce() -> Locked) -> Result<Self, LockError> {
        let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
        match file.map(|file| (file.try_lock(), file)) {
            Ok((Ok(()), file)) => Ok(Self { _file: file }),
            Ok((Err(TryLockError::WouldBlock), _)) => Err(LockError::InUse(locked())),
            Ok((Err(TryLockError::Error(source)), _)) | Err(source) => {
                Err(LockError::Unusable { locked: locked(), source })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_new_data_folder_is_for_its_owner_alone() {
        let parent = TempDir::new().unwrap();
        let path = parent.path().join("data");
        let _lock = Lock::data_folder(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_data_folder_is_used_once_at_a_time() {
        let folder = TempDir::new().unwrap();
        let first = Lock::data_folder(folder.path()).unwrap();
        let second = Lock::data_folder(folder.path()).unwrap_err();
        assert!(matches!(second, LockError::InUse(Locked::DataFolder(_))), "{second}");
        drop(first);
        assert!(Lock::data_folder(folder.path()).is_ok());
    }

    #[test]
    fn a_database_is_used_once_at_a_time_by_whatever_name() {
        let folder = TempDir::new().unwrap();
        let (file, link) = (folder.path().join("lectern.db"), folder.path().join("link.db"));
        fs::write(&file, "").unwrap();
        symlink(&file, &link).unwrap();
        let _first = Lock::database(&file).unwrap();
        let second = Lock::database(&link).unwrap_err();
        assert!(matches!(second, LockError::InUse(Locked::Database(_))), "{second}");
    }
}
