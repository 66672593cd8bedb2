//! The data folder, for one server at a time: the embedded database, recordings, uploads under way. Keys and secrets are
//! there too, unless replicas share a folder for them.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use crate::{
    failure::Failure,
    lock::{Lock, LockError},
};

/// The data folder, locked until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: Lock,
}

impl DataDir {
    /// Makes the folder, for this user alone, unless it is there, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, LockError> {
        Ok(Self { path: path.to_owned(), _lock: Lock::data_folder(path)? })
    }

    /// Where uploads are while they come in.
    pub(crate) fn staging(&self) -> PathBuf {
        staging_in(&self.path)
    }

    /// Makes an empty folder for the recordings that are being recognised. Whatever is in it was left by a server that
    /// was killed: the folder is locked, so nobody else uses it.
    pub(crate) fn empty_scratch(&self) -> Result<PathBuf, Failure> {
        let scratch = self.path.join("scratch");
        let removed = match fs::remove_dir_all(&scratch) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        };
        let made = removed.and_then(|()| DirBuilder::new().mode(0o700).create(&scratch));
        made.map_err(|error| {
            Failure::operation(format!("can't make the folder {}", scratch.display())).because(error)
        })?;
        Ok(scratch)
    }
}

/// Where the keys are that sign tokens, whether or not a server uses them: they have a lock of their own.
pub(crate) fn keys_in(secrets_dir: &Path) -> PathBuf {
    secrets_dir.join("keys")
}

/// Where a secret is that was made on first start.
pub(crate) fn secret_in(secrets_dir: &Path, name: &str) -> PathBuf {
    secrets_dir.join("secrets").join(name)
}

/// Where uploads are while they come in: the folder has a lock of its own, too.
pub(crate) fn staging_in(data_dir: &Path) -> PathBuf {
    data_dir.join("staging")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;

    #[test]
    fn recordings_that_a_killed_server_left_are_removed() {
        let folder = TempDir::new().unwrap();
        let data = DataDir::open(folder.path()).unwrap();
        let left = data.empty_scratch().unwrap().join("lectern-1.wav");
        fs::write(&left, "speech").unwrap();
        let scratch = data.empty_scratch().unwrap();
        assert!(!left.exists());
        assert_eq!(scratch.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    }
}
