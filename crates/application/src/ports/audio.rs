//! Recordings: where they are kept, how long they are, what they sound like.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    pin::Pin,
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use lectern_domain::{
    time::Timestamp,
    transcription::{AudioKey, Sha256},
};

use super::Source;

/// Bytes as they come.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, AudioStoreError>> + Send>>;

/// Why the audio store could not do as asked.
#[derive(Debug, thiserror::Error)]
pub enum AudioStoreError {
    /// There is no room left.
    #[error("there is no room left for recordings")]
    Full {
        /// What was met.
        #[source]
        source: Source,
    },
    /// The key has no recording.
    #[error("the recording is not in the audio store")]
    Missing,
    /// It can't be read or written.
    #[error("the audio store is not available")]
    Unavailable {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// A readable file on this machine. If it is a temporary one, it MUST be removed when this is dropped.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    /// Removes the file when dropped.
    _guard: Option<Box<dyn Guard>>,
}

/// Something whose `Drop` cleans up.
trait Guard: std::fmt::Debug + Send + Sync {}
impl<T: std::fmt::Debug + Send + Sync> Guard for T {}

impl LocalFile {
    /// A file that stays.
    pub fn lasting(path: PathBuf) -> Self {
        Self { path, _guard: None }
    }

    /// A file that `guard` removes when it is dropped.
    pub fn temporary<G: std::fmt::Debug + Send + Sync + 'static>(path: PathBuf, guard: G) -> Self {
        Self { path, _guard: Some(Box::new(guard)) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A complete upload that is not kept yet. Dropped, it is gone.
#[derive(Debug)]
pub struct StagedAudio {
    /// The staging file.
    pub file: LocalFile,
    /// Its size in bytes.
    pub bytes: u64,
    /// What its bytes hash to.
    pub sha256: Sha256,
}

/// An upload under way. Dropped, it MUST leave no file.
#[async_trait]
pub trait StagingFile: Send {
    /// Appends bytes. MUST NOT buffer more than a megabyte.
    async fn write(&mut self, bytes: Bytes) -> Result<(), AudioStoreError>;

    /// Ends it, with the hash of all bytes written.
    async fn finish(self: Box<Self>) -> Result<StagedAudio, AudioStoreError>;
}

/// Bytes `start..end`, counted from 0; to the end of the recording without `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: Option<u64>,
}

/// A recording's bytes.
pub struct AudioStream {
    /// The size of the whole recording.
    pub total: u64,
    /// Which of its bytes these are.
    pub range: Range<u64>,
    /// The bytes.
    pub bytes: ByteStream,
}

/// Keeps recordings.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AudioStore: Send + Sync {
    /// Begins an upload into a staging file on this machine.
    async fn stage(&self) -> Result<Box<dyn StagingFile>, AudioStoreError>;

    /// Keeps a staged upload under `key`, and removes the staging file. MUST be all or nothing: a reader never sees
    /// part of a recording. A key that has a recording already MUST be refused, and its recording stay as it was; after
    /// any other error nothing MUST be left under `key`. Where a store is gone before it has said whether it kept the
    /// recording, that can't be known: what is left then has no row, and is found by [`AudioStore::kept_before`].
    async fn keep(&self, staged: StagedAudio, key: AudioKey) -> Result<(), AudioStoreError>;

    /// The recording as a file on this machine, for the decoder.
    async fn fetch(&self, key: AudioKey) -> Result<LocalFile, AudioStoreError>;

    /// The recording's bytes, all of them or a range. A range's end beyond the recording's MUST be cut to it; a start
    /// at or beyond it MUST answer the empty range `start..start`.
    async fn read(&self, key: AudioKey, range: Option<ByteRange>) -> Result<AudioStream, AudioStoreError>;

    /// Deletes a recording. Deleting one that isn't there MUST be no error.
    async fn delete(&self, key: AudioKey) -> Result<(), AudioStoreError>;

    /// A page of the keys of recordings kept before `before`, for finding those that nothing refers to: at most `limit`
    /// of them, after the key `after` or from the beginning, in an order of the store's own. That order MUST NOT change,
    /// and `after` MUST hold its place in it when its recording is deleted meanwhile. Fewer than `limit` MUST mean that
    /// there are no more.
    async fn kept_before(
        &self,
        before: Timestamp,
        after: Option<AudioKey>,
        limit: usize,
    ) -> Result<Vec<AudioKey>, AudioStoreError>;

    /// Errs if the store can't be read or written.
    async fn ping(&self) -> Result<(), AudioStoreError>;
}

/// Why a file can't be read as audio.
#[derive(Debug, thiserror::Error)]
pub enum AudioReadError {
    /// It is no audio file, or there is no audio in it.
    #[error("the file is not a readable audio recording")]
    NotAudio,
    /// It is audio, in a codec that this installation can't decode.
    #[error("recordings in {codec} can't be decoded here: {fix}")]
    UnsupportedCodec {
        /// The codec's name.
        codec: String,
        /// What to do about it.
        fix: String,
    },
    /// It can't be read at all.
    #[error("the recording can't be read")]
    Unreadable {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// How long the recording plays, by its packets and not by its headers.
    pub duration: Duration,
    /// The media type of what it really is, such as `audio/mpeg`.
    pub media_type: String,
}

/// Looks into audio files.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AudioProbe: Send + Sync {
    /// Measures a recording, and makes sure that it can be decoded.
    async fn probe(&self, file: &LocalFile) -> Result<Probed, AudioReadError>;
}

/// Decodes audio files.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AudioDecoder: Send + Sync {
    /// The samples of `window` as 16 kHz mono in -1.0..=1.0, fewer if the recording ends before it does. The same
    /// window MUST always give the same samples, and neighbouring windows MUST join without gap or overlap.
    async fn decode(&self, file: &LocalFile, window: Range<Duration>) -> Result<Vec<f32>, AudioReadError>;
}
