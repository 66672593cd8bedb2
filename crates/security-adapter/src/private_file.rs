//! Files that only their owner can read: written whole or not at all, refused when others could read them.

use std::{
    fs::{DirBuilder, File},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use zeroize::Zeroizing;

/// The most bytes such a file may have; keys and secrets have fewer than two hundred.
const MAX_BYTES: u64 = 16 * 1024;

/// Why a private file or folder can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PrivateFileError {
    /// Others can read or write the file, so what is in it may be known to them.
    #[error("{0} is not private to its owner; run: chmod 600 {0}", path.display())]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// Others can put files into the folder.
    #[error("others can write to {0}; run: chmod 700 {0}", path.display())]
    OpenFolder {
        /// The folder.
        path: PathBuf,
    },
    /// It is there, but not to be read, or not UTF-8, or too long.
    #[error("{} can't be read", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What was met.
        #[source]
        source: io::Error,
    },
    /// It can't be made.
    #[error("{} can't be written", path.display())]
    Unwritable {
        /// The file or folder.
        path: PathBuf,
        /// What was met.
        #[source]
        source: io::Error,
    },
}

/// Whether [`create`] made the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Creation {
    /// It did.
    Created,
    /// There was one already, and it stays as it is.
    Existed,
}

/// Makes a folder of mode 0700, with its parents, unless it is there.
pub(crate) fn ensure_folder(path: &Path) -> Result<(), PrivateFileError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| PrivateFileError::Unwritable { path: path.to_owned(), source })
}

/// Refuses a folder into which others could put files.
pub(crate) fn require_closed_folder(path: &Path) -> Result<(), PrivateFileError> {
    let metadata =
        path.metadata().map_err(|source| PrivateFileError::Unreadable { path: path.to_owned(), source })?;
    if metadata.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(PrivateFileError::OpenFolder { path: path.to_owned() })
    }
}

/// The file's text; `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Zeroizing<String>>, PrivateFileError> {
    let unreadable = |source| PrivateFileError::Unreadable { path: path.to_owned(), source };
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(unreadable)?,
    };
    // The mode of the file that was opened, not of what its name stands for by now.
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.mode() & 0o077 != 0 {
        return Err(PrivateFileError::Exposed { path: path.to_owned() });
    }
    if metadata.len() > MAX_BYTES {
        return Err(unreadable(io::Error::new(io::ErrorKind::FileTooLarge, "the file is too long")));
    }
    // Room for all of it at once: a text that grows leaves copies of itself behind.
    let room = usize::try_from(metadata.len()).unwrap_or_default().saturating_add(1);
    let mut text = Zeroizing::new(String::with_capacity(room));
    file.take(metadata.len()).read_to_string(&mut text).map_err(unreadable)?;
    Ok(Some(text))
}

/// Writes a file of mode 0600. It appears under its name only when all of it is on the disk, and never replaces
/// another.
pub(crate) fn create(path: &Path, text: &str) -> Result<Creation, PrivateFileError> {
    write_new(path, text).map_err(|source| PrivateFileError::Unwritable { path: path.to_owned(), source })
}

fn write_new(path: &Path, text: &str) -> io::Result<Creation> {
    let folder = folder_of(path);
    let mut draft = tempfile::Builder::new()
        .prefix(".draft-")
        .permissions(PermissionsExt::from_mode(0o600))
        .tempfile_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft.as_file().sync_all()?;
    match draft.persist_noclobber(path) {
        Ok(_) => {}
        Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => return Ok(Creation::Existed),
        Err(refused) => return Err(refused.error),
    }
    // The name is an entry of the folder, which has to reach the disk too.
    File::open(folder)?.sync_all()?;
    Ok(Creation::Created)
}

/// The folder that a path is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
