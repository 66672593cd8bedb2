//! The download of a recording into a temporary file.

use std::{io, path::Path};

use lectern_application::ports::{JobSourceError, LocalFile};
use reqwest::Response;
use tempfile::TempPath;
use tokio::{fs::File, io::AsyncWriteExt};

use crate::connection::unreachable_server;

/// Fewer bytes came than were announced.
#[derive(Debug, thiserror::Error)]
#[error("the recording broke off after {received} of {announced} bytes")]
struct BrokenOff {
    received: u64,
    announced: u64,
}

/// Streams an answer into a file in `folder`, which is removed when the result is dropped, and also if this errs or is
/// dropped before its end. Nothing is kept in memory but the piece at hand.
pub(crate) async fn save(mut response: Response, folder: &Path) -> Result<LocalFile, JobSourceError> {
    let announced = response.content_length();
    let (file, path) = create(folder).map_err(unwritable)?;
    let mut file = File::from_std(file);
    let mut received = 0_u64;
    while let Some(bytes) = response.chunk().await.map_err(unreachable_server)? {
        received = u64::try_from(bytes.len()).map_or(u64::MAX, |len| received.saturating_add(len));
        file.write_all(&bytes).await.map_err(unwritable)?;
    }
    // Without this, the last write may still be under way, and its failure unnoticed.
    file.flush().await.map_err(unwritable)?;
    if let Some(announced) = announced.filter(|announced| *announced != received) {
        return Err(JobSourceError::Unavailable { source: BrokenOff { received, announced }.into() });
    }
    Ok(LocalFile::temporary(path.to_path_buf(), path))
}

fn create(folder: &Path) -> io::Result<(std::fs::File, TempPath)> {
    Ok(tempfile::Builder::new().prefix("lectern-recording-").tempfile_in(folder)?.into_parts())
}

/// The disk is full, or the folder is gone: worth another try, as whoever looks after the machine may see to it.
fn unwritable(source: io::Error) -> JobSourceError {
    JobSourceError::Unavailable { source: source.into() }
}
