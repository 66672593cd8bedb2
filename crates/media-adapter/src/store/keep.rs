//! From the staging folder into a folder on the same file system, all or nothing.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use super::make_private_dir;

/// Whether a file could be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// It is where it belongs, and survives a power cut.
    Yes,
    /// The two places are on different file systems.
    No,
}

/// Moves `source` to `target` by renaming, the one operation of a file system that is all or nothing. Renaming replaces
/// what is there, so that is looked for first; no two recordings are ever kept under one key at the same time.
pub(super) fn move_into_place(source: &Path, target: &Path) -> io::Result<Moved> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let is_new = !folder.exists();
    make_private_dir(folder)?;
    if target.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    File::open(source)?.sync_all()?;
    match fs::rename(source, target) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => return Ok(Moved::No),
        Err(error) => return Err(error),
    }
    let folders = [Some(folder), folder.parent().filter(|_| is_new)];
    let synced = folders.into_iter().flatten().try_for_each(|folder| File::open(folder)?.sync_all());
    if let Err(error) = synced {
        // Whether the name would survive is unknown: it must not stay under the key.
        fs::remove_file(target)?;
        return Err(error);
    }
    Ok(Moved::Yes)
}
