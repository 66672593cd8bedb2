//! The folder of keys: one file each, named by its `kid`, with the extension of its algorithm.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use lectern_application::ports::{Ids, Source};

use super::key::{self, JwtAlgorithm, Key, MalformedKey};
use crate::{
    NoRandomness, UuidV7Ids,
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
    /// The folder changed while it was read.
    #[error("the key that was made is not there any more")]
    NoKey,
    /// What is derived from the keys can't be written as JSON.
    #[error("the keys can't be used")]
    Unusable {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// The folder's keys by `kid`, and the `kid` of the newest of `algorithm`, which is made if there is none.
pub(super) fn load_or_create(
    folder: &Path,
    algorithm: JwtAlgorithm,
) -> Result<(BTreeMap<String, Key>, String), KeyRingError> {
    private_file::ensure_folder(folder)?;
    private_file::require_closed_folder(folder)?;
    let _lock = lock(folder)?;
    let keys = load(folder)?;
    if let Some(kid) = newest(&keys, algorithm) {
        return Ok((keys, kid));
    }
    // UUIDv7: later keys sort after earlier ones.
    let path = folder.join(UuidV7Ids.next().to_string()).with_extension(algorithm.extension());
    private_file::create(&path, &key::generate(algorithm)?)?;
    let keys = load(folder)?;
    let kid = newest(&keys, algorithm).ok_or(KeyRingError::NoKey)?;
    Ok((keys, kid))
}

/// Keeps other servers out of the folder until it is dropped, so that only one makes the first key.
fn lock(folder: &Path) -> Result<File, PrivateFileError> {
    let path = folder.join(".lock");
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file))
        .map_err(|source| PrivateFileError::Unwritable { path, source })
}

fn newest(keys: &BTreeMap<String, Key>, algorithm: JwtAlgorithm) -> Option<String> {
    keys.iter().rev().find(|(_, key)| key.algorithm() == algorithm).map(|(kid, _)| kid.clone())
}

fn load(folder: &Path) -> Result<BTreeMap<String, Key>, KeyRingError> {
    let unreadable = |source: io::Error| PrivateFileError::Unreadable { path: folder.to_owned(), source };
    let mut keys = BTreeMap::new();
    for entry in folder.read_dir().map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let Some(algorithm) = algorithm_of(&path) else { continue };
        let kid = kid_of(&path).ok_or_else(|| KeyRingError::BadName { path: path.clone() })?;
        let Some(text) = private_file::read(&path)? else { continue };
        let key = Key::read(&text, &kid, algorithm).map_err(|source: MalformedKey| {
            KeyRingError::Malformed { path: path.clone(), source: source.into() }
        })?;
        if keys.insert(kid.clone(), key).is_some() {
            return Err(KeyRingError::SameName { kid });
        }
    }
    Ok(keys)
}

/// Whose key file that is; `None` if it is none. Drafts and the lock are hidden files without an extension.
fn algorithm_of(path: &Path) -> Option<JwtAlgorithm> {
    let extension = path.extension()?;
    JwtAlgorithm::ALL.into_iter().find(|algorithm| extension == algorithm.extension())
}

fn kid_of(path: &Path) -> Option<String> {
    let kid = path.file_stem()?.to_str()?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    ((1..=64).contains(&kid.len()) && kid.chars().all(allowed)).then(|| kid.to_owned())
}
