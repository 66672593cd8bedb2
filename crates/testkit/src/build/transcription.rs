//! Transcriptions and their recordings.

use std::time::Duration;

use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, ChunkPlan, Language, NewTranscription, Recording, Sha256, Title, TranscriptionId,
    },
};

use super::fresh_id;
use crate::clock::START;

/// An mp3 of 4 KiB under a key of its own.
pub fn recording() -> Recording {
    Recording {
        key: AudioKey(fresh_id()),
        media_type: "audio/mpeg".to_owned(),
        bytes: 4096,
        sha256: Sha256([0xab; 32]),
    }
}

/// Builds a [`NewTranscription`].
#[derive(Debug, Clone)]
pub struct TranscriptionBuilder {
    new: NewTranscription,
    duration: Duration,
    chunk_size: Duration,
}

/// A transcription of that account: 150 seconds in chunks of 60 (so 0, 1 and 2 are planned), without title and
/// language, made at [`START`].
pub fn transcription(owner: UserId) -> TranscriptionBuilder {
    let (duration, chunk_size) = (Duration::from_secs(150), Duration::from_mins(1));
    let new = NewTranscription {
        id: TranscriptionId(fresh_id()),
        owner,
        title: None,
        language: None,
        recording: recording(),
        plan: ChunkPlan::new(duration, chunk_size).unwrap(),
        created_at: START,
    };
    TranscriptionBuilder { new, duration, chunk_size }
}

impl TranscriptionBuilder {
    /// Of another duration.
    pub fn duration(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// In chunks of another size.
    pub fn chunk_size(mut self, size: Duration) -> Self {
        self.chunk_size = size;
        self
    }

    /// With a title.
    pub fn title(mut self, title: &str) -> Self {
        self.new.title = Some(Title::parse(title).unwrap());
        self
    }

    /// In a known language.
    pub fn language(mut self, tag: &str) -> Self {
        self.new.language = Some(Language::parse(tag).unwrap());
        self
    }

    /// Of another recording.
    pub fn recording(mut self, recording: Recording) -> Self {
        self.new.recording = recording;
        self
    }

    /// Made at another time.
    pub fn created_at(mut self, at: Timestamp) -> Self {
        self.new.created_at = at;
        self
    }

    /// The transcription.
    pub fn build(self) -> NewTranscription {
        NewTranscription { plan: ChunkPlan::new(self.duration, self.chunk_size).unwrap(), ..self.new }
    }
}
