//! The folder of keys: one file each, named by its `kid`, with the extension of its form.
//!
//! A file is written whole or not at all and never changed. Whoever adds or removes one locks the folder, and whoever
//! reads it shares that lock, so that nobody sees a rotation half done.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{MetadataExt, OpenOptionsExt, chown},
    path::{Path, PathBuf},
};

use lectern_application::ports::Source;
use lectern_domain::time::Timestamp;

use super::{
    JwtAlgorithm,
    key::{self, Key, KeyForm},
    kid,
};
use crate::{
    NoRandomness,
    private_file::{self, PrivateFileError},
};

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyRingError {
    /// A file or the folder can't be used.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// A file has the name of a key, and something else in it.
    #[error("{} holds no key; remove it or put it back from a backup", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What was wrong with it.
        #[source]
        source: Source,
    },
    /// A key file's name is no `kid`.
    #[error("the name of {} must have 1 to 64 of A-Z, a-z, 0-9, '_' and '-' before its extension", path.display())]
    BadName {
        /// The file.
        path: PathBuf,
    },
    /// Two files have the same `kid`.
    #[error("two key files are named '{kid}'; rename one of them")]
    SameName {
        /// The `kid`.
        kid: String,
    },
    /// No key could be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// There is none that could sign.
    #[error("no key of {} is there", algorithm.as_str())]
    NoKey {
        /// What it should be for.
        algorithm: JwtAlgorithm,
    },
    /// What is derived from the keys can't be written as JSON.
    #[error("the keys can't be used")]
    Unusable {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// Keys by their `kid`.
pub(super) type KeysByKid = BTreeMap<String, Key>;

/// The folder, into which nobody else can put files.
#[derive(Debug, Clone)]
pub(super) struct KeyFolder {
    path: PathBuf,
}

/// A lock on the folder, until it is dropped.
pub(super) struct FolderLock {
    _file: File,
}

impl KeyFolder {
    /// A folder that is there.
    pub(super) fn open(path: &Path) -> Result<Self, PrivateFileError> {
        let folder = Self { path: path.to_owned() };
        folder.require_closed()?;
        Ok(folder)
    }

    /// A folder that is made unless it is there.
    pub(super) fn ensure(path: &Path) -> Result<Self, PrivateFileError> {
        private_file::ensure_folder(path)?;
        Self::open(path)
    }

    /// Waits until nobody reads or changes the folder, and keeps everybody else from both.
    pub(super) fn lock(&self) -> Result<FolderLock, PrivateFileError> {
        let locked = self.lock_file().and_then(|file| file.lock().map(|()| FolderLock { _file: file }));
        locked.map_err(|source| self.unlockable(source))
    }

    /// Keeps others from changing the folder. `None` if somebody is just changing it.
    pub(super) fn try_share(&self) -> Result<Option<FolderLock>, PrivateFileError> {
        let shared = self.lock_file().and_then(|file| match file.try_lock_shared() {
            Ok(()) => Ok(Some(FolderLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        });
        shared.map_err(|source| self.unlockable(source))
    }

    /// All keys.
    pub(super) fn load(&self, _lock: &FolderLock) -> Result<KeysByKid, KeyRingError> {
        self.require_closed()?;
        let unreadable = |source: io::Error| PrivateFileError::Unreadable { path: self.path.clone(), source };
        let mut keys = BTreeMap::new();
        for entry in self.path.read_dir().map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            let Some(form) = form_of(&path) else { continue };
            let kid = kid_of(&path).ok_or_else(|| KeyRingError::BadName { path: path.clone() })?;
            let Some(text) = private_file::read(&path)? else { continue };
            let key = Key::read(&text, &kid, form)
                .map_err(|source| KeyRingError::Malformed { path: path.clone(), source: source.into() })?;
            if keys.insert(kid.clone(), key).is_some() {
                return Err(KeyRingError::SameName { kid });
            }
        }
        Ok(keys)
    }

    /// Makes a key that begins to sign at that time.
    pub(super) fn add(
        &self,
        _lock: &FolderLock,
        algorithm: JwtAlgorithm,
        begins: Timestamp,
    ) -> Result<String, KeyRingError> {
        let kid = kid::fresh(begins)?;
        let path = self.file(&kid, algorithm);
        private_file::create(&path, &key::generate(algorithm)?)?;
        self.hand_over(&path).map_err(|source| PrivateFileError::Unwritable { path, source })?;
        Ok(kid)
    }

    /// Removes a key.
    pub(super) fn remove(
        &self,
        _lock: &FolderLock,
        kid: &str,
        algorithm: JwtAlgorithm,
    ) -> Result<(), PrivateFileError> {
        let path = self.file(kid, algorithm);
        let removed = fs::remove_file(&path).and_then(|()| File::open(&self.path)?.sync_all());
        removed.map_err(|source| PrivateFileError::Unwritable { path, source })
    }

    fn file(&self, kid: &str, algorithm: JwtAlgorithm) -> PathBuf {
        self.path.join(kid).with_extension(algorithm.form().extension())
    }

    fn require_closed(&self) -> Result<(), PrivateFileError> {
        private_file::require_closed_folder(&self.path)
    }

    fn lock_path(&self) -> PathBuf {
        self.path.join(".lock")
    }

    fn lock_file(&self) -> io::Result<File> {
        let path = self.lock_path();
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        self.hand_over(&path)?;
        Ok(file)
    }

    /// Gives a file to whom the folder belongs: the server that made it has to read what root puts there.
    fn hand_over(&self, path: &Path) -> io::Result<()> {
        let (folder, file) = (self.path.metadata()?, path.metadata()?);
        if folder.uid() == file.uid() {
            return Ok(());
        }
        chown(path, Some(folder.uid()), Some(folder.gid()))
    }

    fn unlockable(&self, source: io::Error) -> PrivateFileError {
        PrivateFileError::Unwritable { path: self.lock_path(), source }
    }
}

/// The form of what is in that key file; `None` if it is none. Drafts and the lock are hidden files without an
/// extension.
fn form_of(path: &Path) -> Option<KeyForm> {
    let extension = path.extension()?;
    KeyForm::ALL.into_iter().find(|form| extension == form.extension())
}

fn kid_of(path: &Path) -> Option<String> {
    let kid = path.file_stem()?.to_str()?;
    kid::is_valid(kid).then(|| kid.to_owned())
}
