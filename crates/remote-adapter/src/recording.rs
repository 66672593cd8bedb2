//! The download of a recording into a temporary file.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use lectern_application::ports::{JobSourceError, LocalFile};
use reqwest::Response;
use tempfile::TempPath;
use tokio::{fs::File, io::AsyncWriteExt, task::spawn_blocking};

use crate::connection::unreachable_server;

/// How the names of downloads begin.
const PREFIX: &str = "lectern-recording-";

/// Fewer bytes came than were announced.
#[derive(Debug, thiserror::Error)]
#[error("the recording broke off after {received} of {announced} bytes")]
struct BrokenOff {
    received: u64,
    announced: u64,
}

/// Where downloads go.
#[derive(Debug)]
pub(crate) struct Downloads {
    pub(crate) folder: PathBuf,
    /// The most bytes that one may have.
    pub(crate) limit: u64,
}

impl Downloads {
    /// Streams an answer into a file, which is removed when the result is dropped, and also if this errs or is dropped
    /// before its end. Nothing is kept in memory but the piece at hand.
    pub(crate) async fn save(&self, mut response: Response) -> Result<LocalFile, JobSourceError> {
        let announced = response.content_length();
        self.admit(announced.unwrap_or(0))?;
        let folder = self.folder.clone();
        let created = spawn_blocking(move || create(&folder)).await.map_err(io::Error::other);
        let (file, path) = created.and_then(|created| created).map_err(unwritable)?;
        let mut file = File::from_std(file);
        let mut received = 0_u64;
        while let Some(bytes) = response.chunk().await.map_err(unreachable_server)? {
            received = u64::try_from(bytes.len()).map_or(u64::MAX, |len| received.saturating_add(len));
            self.admit(received)?;
            file.write_all(&bytes).await.map_err(unwritable)?;
        }
        // Without this, the last write may still be under way, and its failure unnoticed.
        file.flush().await.map_err(unwritable)?;
        if let Some(announced) = announced.filter(|announced| *announced != received) {
            return Err(JobSourceError::Unavailable { source: BrokenOff { received, announced }.into() });
        }
        Ok(LocalFile::temporary(path.to_path_buf(), path))
    }

    fn admit(&self, bytes: u64) -> Result<(), JobSourceError> {
        if bytes <= self.limit {
            return Ok(());
        }
        let detail = format!("its recording has more than the {} bytes that this worker takes", self.limit);
        Err(JobSourceError::Refused { detail })
    }
}

/// Makes the folder, if it is not there, and removes the downloads in it.
pub(crate) fn clear(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn create(folder: &Path) -> io::Result<(fs::File, TempPath)> {
    Ok(tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)?.into_parts())
}

/// The disk is full, or the folder is gone: worth another try, as whoever looks after the machine may see to it.
fn unwritable(source: io::Error) -> JobSourceError {
    JobSourceError::Unavailable { source: source.into() }
}
