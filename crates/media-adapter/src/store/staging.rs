//! Uploads under way, and downloads for the decoder: temporary files on this machine's disk.
//!
//! Every living process holds a shared lock on the folder's lock file. Who gets it exclusively is alone, so that all
//! files there are a dead process's, and can go.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use lectern_application::ports::{AudioStoreError, LocalFile, StagedAudio, StagingFile};
use lectern_domain::transcription::Sha256;
use sha2::Digest as _;
use tempfile::TempPath;

use super::{blocking, error, make_private_dir};

const LOCK: &str = ".lock";
const PREFIX: &str = "upload-";
/// So many bytes are collected before they are written and hashed.
const BATCH: usize = 256 * 1024;

/// A folder for temporary files.
#[derive(Debug)]
pub(super) struct StagingDir {
    path: PathBuf,
    /// Held while the folder is in use, also by files that outlive it.
    lock: Arc<File>,
}

impl StagingDir {
    /// Opens or makes the folder, and removes what a dead process left there.
    pub(super) fn open(path: &Path) -> Result<Self, AudioStoreError> {
        let lock = lock_and_sweep(path).map_err(error::from_io)?;
        Ok(Self { path: path.to_owned(), lock: Arc::new(lock) })
    }

    /// Begins a temporary file.
    pub(super) async fn create(&self) -> Result<Staging, AudioStoreError> {
        let folder = self.path.clone();
        let file = blocking(move || tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)).await?;
        let (file, path) = file.into_parts();
        Ok(Staging {
            guard: StagingGuard { path, _lock: Arc::clone(&self.lock) },
            pending: Vec::new(),
            sink: Some(Sink { file, hasher: sha2::Sha256::new(), bytes: 0 }),
        })
    }
}

fn lock_and_sweep(path: &Path) -> io::Result<File> {
    make_private_dir(path)?;
    let lock = File::create(path.join(LOCK))?;
    match lock.try_lock() {
        Ok(()) => {
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                if entry.file_name().to_string_lossy().starts_with(PREFIX) {
                    fs::remove_file(entry.path())?;
                }
            }
            lock.unlock()?;
        }
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    lock.lock_shared()?;
    Ok(lock)
}

/// Removes a temporary file when dropped.
#[derive(Debug)]
struct StagingGuard {
    path: TempPath,
    _lock: Arc<File>,
}

/// A temporary file that is being written.
#[derive(Debug)]
pub(super) struct Staging {
    guard: StagingGuard,
    /// Bytes that are not written yet, fewer than [`BATCH`].
    pending: Vec<u8>,
    /// Gone after a failed or interrupted write: what follows would leave a hole.
    sink: Option<Sink>,
}

/// Where the bytes go.
#[derive(Debug)]
struct Sink {
    file: File,
    hasher: sha2::Sha256,
    bytes: u64,
}

impl Sink {
    fn append(mut self, bytes: &[u8]) -> io::Result<Self> {
        self.hasher.update(bytes);
        self.file.write_all(bytes)?;
        self.bytes += u64::try_from(bytes.len()).map_err(io::Error::other)?;
        Ok(self)
    }
}

impl Staging {
    async fn append<B: AsRef<[u8]> + Send + 'static>(&mut self, bytes: B) -> Result<(), AudioStoreError> {
        let sink = self.sink.take().ok_or_else(|| AudioStoreError::Unavailable {
            source: "an earlier write to this upload failed".into(),
        })?;
        self.sink = Some(blocking(move || sink.append(bytes.as_ref())).await?);
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), AudioStoreError> {
        let pending = std::mem::take(&mut self.pending);
        self.append(pending).await
    }
}

#[async_trait]
impl StagingFile for Staging {
    async fn write(&mut self, bytes: Bytes) -> Result<(), AudioStoreError> {
        if self.pending.len() + bytes.len() < BATCH {
            self.pending.extend_from_slice(&bytes);
            return Ok(());
        }
        self.flush().await?;
        self.append(bytes).await
    }

    async fn finish(mut self: Box<Self>) -> Result<StagedAudio, AudioStoreError> {
        self.flush().await?;
        let Self { guard, sink, .. } = *self;
        let Some(Sink { hasher, bytes, .. }) = sink else {
            return Err(AudioStoreError::Unavailable { source: "the upload has no file".into() });
        };
        let sha256 = Sha256(hasher.finalize().into());
        Ok(StagedAudio { file: LocalFile::temporary(guard.path.to_path_buf(), guard), bytes, sha256 })
    }
}
