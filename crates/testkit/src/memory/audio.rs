//! An audio store in a temporary folder.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Write,
    ops::Bound,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use bytes::Bytes;
use lectern_application::ports::{
    AudioStore, AudioStoreError, AudioStream, ByteRange, Clock, LocalFile, StagedAudio, StagingFile,
};
use lectern_domain::{
    time::Timestamp,
    transcription::{AudioKey, Sha256},
};
use sha2::Digest;
use tempfile::{NamedTempFile, TempDir};

use crate::{clock::FakeClock, on_demand::OnDemand};

/// How the store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Sound,
    Full,
    BrokenDown,
}

/// Keeps recordings as real files, because decoders want files; everything is removed with the last clone.
/// Clones are the same store.
#[derive(Clone)]
pub struct MemoryAudioStore {
    shared: Arc<Shared>,
}

struct Shared {
    staging: TempDir,
    recordings: TempDir,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    condition: Condition,
    /// By id, as [`AudioKey`] has no order.
    kept: BTreeMap<uuid::Uuid, Timestamp>,
}

impl Default for MemoryAudioStore {
    /// A store whose recordings are all kept at [`START`](crate::clock::START).
    fn default() -> Self {
        Self::new(Arc::new(FakeClock::default()))
    }
}

impl MemoryAudioStore {
    /// An empty store that takes the times from that clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State { condition: Condition::Sound, kept: BTreeMap::new() });
        let (staging, recordings) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        Self { shared: Arc::new(Shared { staging, recordings, clock, state }) }
    }

    /// From now on whatever writes answers [`AudioStoreError::Full`].
    pub fn fill_up(&self) {
        self.state().condition = Condition::Full;
    }

    /// From now on every call answers [`AudioStoreError::Unavailable`].
    pub fn break_down(&self) {
        self.state().condition = Condition::BrokenDown;
    }

    /// Ends [`fill_up`](Self::fill_up) and [`break_down`](Self::break_down).
    pub fn repair(&self) {
        self.state().condition = Condition::Sound;
    }

    /// How many staging files there are: uploads under way, and complete ones that are not kept yet.
    pub fn staging_files(&self) -> usize {
        fs::read_dir(self.shared.staging.path()).unwrap().count()
    }

    /// The keys of all recordings, in ascending order.
    pub fn kept(&self) -> Vec<AudioKey> {
        self.state().kept.keys().copied().map(AudioKey).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }

    fn check_readable(&self) -> Result<(), AudioStoreError> {
        match self.state().condition {
            Condition::Sound | Condition::Full => Ok(()),
            Condition::BrokenDown => {
                Err(AudioStoreError::Unavailable { source: Box::new(OnDemand("it broke down")) })
            }
        }
    }

    fn check_writable(&self) -> Result<(), AudioStoreError> {
        self.check_readable()?;
        match self.state().condition {
            Condition::Full => Err(AudioStoreError::Full { source: Box::new(OnDemand("it is full")) }),
            Condition::Sound | Condition::BrokenDown => Ok(()),
        }
    }

    fn path(&self, key: AudioKey) -> PathBuf {
        self.shared.recordings.path().join(key.0.to_string())
    }

    /// The path of a recording that is there.
    fn find(&self, key: AudioKey) -> Result<PathBuf, AudioStoreError> {
        self.check_readable()?;
        if self.state().kept.contains_key(&key.0) {
            Ok(self.path(key))
        } else {
            Err(AudioStoreError::Missing)
        }
    }
}

fn unavailable(source: io::Error) -> AudioStoreError {
    AudioStoreError::Unavailable { source: source.into() }
}

struct MemoryStaging {
    store: MemoryAudioStore,
    file: NamedTempFile,
    bytes: u64,
    hasher: sha2::Sha256,
}

#[async_trait]
impl StagingFile for MemoryStaging {
    async fn write(&mut self, bytes: Bytes) -> Result<(), AudioStoreError> {
        self.store.check_writable()?;
        self.file.write_all(&bytes).map_err(unavailable)?;
        self.hasher.update(&bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<StagedAudio, AudioStoreError> {
        self.store.check_writable()?;
        let file = self.file.into_temp_path();
        Ok(StagedAudio {
            file: LocalFile::temporary(file.to_path_buf(), file),
            bytes: self.bytes,
            sha256: Sha256(self.hasher.finalize().into()),
        })
    }
}

#[async_trait]
impl AudioStore for MemoryAudioStore {
    async fn stage(&self) -> Result<Box<dyn StagingFile>, AudioStoreError> {
        self.check_writable()?;
        let file = NamedTempFile::new_in(self.shared.staging.path()).map_err(unavailable)?;
        Ok(Box::new(MemoryStaging { store: self.clone(), file, bytes: 0, hasher: sha2::Sha256::default() }))
    }

    async fn keep(&self, staged: StagedAudio, key: AudioKey) -> Result<(), AudioStoreError> {
        self.check_writable()?;
        if self.state().kept.contains_key(&key.0) {
            return Err(unavailable(io::ErrorKind::AlreadyExists.into()));
        }
        fs::copy(staged.file.path(), self.path(key)).map_err(unavailable)?;
        // Only now does the key exist for readers.
        self.state().kept.insert(key.0, self.shared.clock.now());
        Ok(())
    }

    async fn fetch(&self, key: AudioKey) -> Result<LocalFile, AudioStoreError> {
        Ok(LocalFile::lasting(self.find(key)?))
    }

    async fn read(&self, key: AudioKey, range: Option<ByteRange>) -> Result<AudioStream, AudioStoreError> {
        let content = Bytes::from(fs::read(self.find(key)?).map_err(unavailable)?);
        let total = content.len();
        let position = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(total);
        let start = range.map_or(0, |range| range.start);
        let first = position(start);
        let end = range.and_then(|range| range.end).map_or(total, position).max(first);
        let bytes = content.slice(first..end);
        let count = |position: usize| u64::try_from(position).unwrap_or(u64::MAX);
        // A start beyond the recording is answered there, and not moved to its end.
        let last = start.max(count(end));
        Ok(AudioStream {
            total: count(total),
            range: start..last,
            bytes: Box::pin(futures::stream::iter((!bytes.is_empty()).then_some(Ok(bytes)))),
        })
    }

    async fn delete(&self, key: AudioKey) -> Result<(), AudioStoreError> {
        self.check_readable()?;
        if self.state().kept.remove(&key.0).is_some() {
            fs::remove_file(self.path(key)).map_err(unavailable)?;
        }
        Ok(())
    }

    async fn kept_before(
        &self,
        before: Timestamp,
        after: Option<AudioKey>,
        limit: usize,
    ) -> Result<Vec<AudioKey>, AudioStoreError> {
        self.check_readable()?;
        let state = self.state();
        let start = after.map_or(Bound::Unbounded, |AudioKey(id)| Bound::Excluded(id));
        let page = state.kept.range((start, Bound::Unbounded));
        let due = page.filter(|(_, kept_at)| **kept_at < before);
        Ok(due.map(|(id, _)| AudioKey(*id)).take(limit).collect())
    }

    async fn ping(&self) -> Result<(), AudioStoreError> {
        self.check_writable()
    }
}
