//! From the staging folder into the store, all or nothing.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use lectern_application::ports::AudioStoreError;
use object_store::{ObjectStore, ObjectStoreExt as _, WriteMultipart, path::Path as ObjectPath};

use super::{blocking, error, make_private_dir};

/// The part of an upload to an object store: S3 takes none smaller than 5 MiB, except the last.
const PART: usize = 5 * 1024 * 1024;
/// So many parts are on their way at once.
const PARTS_AT_ONCE: usize = 2;

/// Whether a file could be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    /// It is where it belongs, and survives a power cut.
    Yes,
    /// The two places are on different file systems.
    No,
}

/// Moves `source` to `target` by renaming, the one operation of a file system that is all or nothing.
pub(super) fn move_into_place(source: &Path, target: &Path) -> io::Result<Moved> {
    let folder = target.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let is_new = !folder.exists();
    make_private_dir(folder)?;
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

/// Copies `source` into an object store, whose multipart uploads appear when they are complete or never.
pub(super) async fn copy(
    source: &Path,
    objects: &dyn ObjectStore,
    location: &ObjectPath,
) -> Result<(), AudioStoreError> {
    let path = source.to_owned();
    let mut file = blocking(move || File::open(path)).await?;
    let upload = objects.put_multipart(location).await.map_err(error::from_object)?;
    let mut upload = WriteMultipart::new_with_chunk_size(upload, PART);
    loop {
        let read = async {
            upload.wait_for_capacity(PARTS_AT_ONCE).await.map_err(error::from_object)?;
            blocking(move || read_part(file)).await
        };
        match read.await {
            Ok((part, _)) if part.is_empty() => break,
            Ok((part, rest)) => {
                upload.put(part.into());
                file = rest;
            }
            Err(error) => {
                // What can't be aborted now is never completed; the store's own clean-up gets it.
                if let Err(abort) = upload.abort().await {
                    tracing::warn!(error = %abort, "an upload could not be aborted");
                }
                return Err(error);
            }
        }
    }
    // On an error, `finish` aborts by itself.
    upload.finish().await.map(drop).map_err(error::from_object)
}

fn read_part(file: File) -> io::Result<(Vec<u8>, File)> {
    let mut part = Vec::with_capacity(PART);
    let limit = u64::try_from(PART).map_err(io::Error::other)?;
    let mut limited = file.take(limit);
    limited.read_to_end(&mut part)?;
    Ok((part, limited.into_inner()))
}
