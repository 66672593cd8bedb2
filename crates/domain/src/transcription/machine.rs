//! A transcription and its transitions. The table is in [`super::state`].

use uuid::Uuid;

use super::{
    ChunkNumber, ChunkNumbers, ChunkPlan, Event, IllegalTransition, Language, Recording, State, StateName,
    Title,
};
use crate::{account::UserId, time::Timestamp};

/// A transcription's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TranscriptionId(pub Uuid);

/// A transcription's number, assigned by the store: what clients with integer ids see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TranscriptionNumber(pub i64);

/// Why an event was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// The table has no such way.
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    /// The recording has no such chunk.
    #[error("chunk {} is not in the plan: the last one is {}", number.0, last.0)]
    ChunkOutOfPlan {
        /// The number that was given.
        number: ChunkNumber,
        /// The highest valid one.
        last: ChunkNumber,
    },
    /// Its recording was removed, so there is nothing left to transcribe.
    #[error("the recording was removed, only its text was kept; upload it again to have it transcribed")]
    AudioRemoved,
}

/// A worker still has something to do with the recording, so it can't be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a transcription that is {state} needs its recording")]
pub struct AudioNeeded {
    /// The state it is in.
    pub state: StateName,
}

/// A transcription that the store has not numbered yet.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "each field is described at the type of the same name")]
pub struct NewTranscription {
    pub id: TranscriptionId,
    pub owner: UserId,
    pub title: Option<Title>,
    pub language: Option<Language>,
    pub recording: Recording,
    pub plan: ChunkPlan,
    pub created_at: Timestamp,
}

impl NewTranscription {
    /// The transcription under the number that the store assigned: queued, without errors.
    pub fn numbered(self, number: TranscriptionNumber) -> Transcription {
        Transcription(TranscriptionParts {
            id: self.id,
            number,
            owner: self.owner,
            title: self.title,
            language: self.language,
            recording: self.recording,
            plan: self.plan,
            state: State::Queued,
            error_count: 0,
            revision: 0,
            audio_removed_at: None,
            created_at: self.created_at,
            updated_at: self.created_at,
        })
    }
}

/// Everything a transcription consists of, for stores and views.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is described at the type of the same name")]
pub struct TranscriptionParts {
    pub id: TranscriptionId,
    pub number: TranscriptionNumber,
    pub owner: UserId,
    pub title: Option<Title>,
    pub language: Option<Language>,
    pub recording: Recording,
    pub plan: ChunkPlan,
    pub state: State,
    /// Errors since the last retry, at most [`super::MAX_ERRORS`].
    pub error_count: u8,
    /// Counts what watchers can see: transitions, chunks and renamings. Ids of progress events are revisions.
    pub revision: u32,
    /// Since when there is no audio to the recording any more, if so; its text stays. Only in final states.
    pub audio_removed_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A recording on its way to text.
///
/// Transitions consume it; each makes the next revision. Those that depend on what is stored take the numbers of
/// the stored chunks, which only the store knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transcription(TranscriptionParts);

impl Transcription {
    /// The transcription that a store kept.
    pub fn from_parts(parts: TranscriptionParts) -> Self {
        Self(parts)
    }

    /// All of it, to read.
    pub fn parts(&self) -> &TranscriptionParts {
        &self.0
    }

    /// Its id.
    pub fn id(&self) -> TranscriptionId {
        self.0.id
    }

    /// Its state's name.
    pub fn state(&self) -> StateName {
        self.0.state.name()
    }

    /// A worker begins, or begins again.
    pub fn start(self, at: Timestamp) -> Result<Self, TransitionError> {
        self.apply(Event::Started, &ChunkNumbers::default(), at)
    }

    /// A chunk of this number is being stored.
    pub fn store_chunk(self, number: ChunkNumber, at: Timestamp) -> Result<Self, TransitionError> {
        if !self.0.plan.is_valid(number) {
            return Err(TransitionError::ChunkOutOfPlan { number, last: self.0.plan.last() });
        }
        self.apply(Event::ChunkStored, &ChunkNumbers::default(), at)
    }

    /// A worker failed.
    pub fn fail(self, at: Timestamp) -> Result<Self, TransitionError> {
        self.apply(Event::Failed, &ChunkNumbers::default(), at)
    }

    /// A worker is done: completed if every planned chunk is `stored`, else partially.
    pub fn finish(self, stored: &ChunkNumbers, at: Timestamp) -> Result<Self, TransitionError> {
        self.apply(Event::Finished, stored, at)
    }

    /// The owner calls it off.
    pub fn cancel(self, at: Timestamp) -> Result<Self, TransitionError> {
        self.apply(Event::CancelledByUser, &ChunkNumbers::default(), at)
    }

    /// A worker stops because it was called off.
    pub fn acknowledge_cancel(self, stored: &ChunkNumbers, at: Timestamp) -> Result<Self, TransitionError> {
        self.apply(Event::CancelledByWorker, stored, at)
    }

    /// The owner wants it tried again: chunks are kept, errors forgotten. There has to be something to transcribe.
    pub fn retry(self, at: Timestamp) -> Result<Self, TransitionError> {
        let removed = self.0.audio_removed_at;
        let retried = self.apply(Event::Retried, &ChunkNumbers::default(), at)?;
        if removed.is_some() { Err(TransitionError::AudioRemoved) } else { Ok(retried) }
    }

    /// Its audio is not kept any longer. Makes no revision, as nothing changes of the text that watchers follow; the second
    /// time it changes nothing.
    pub fn remove_audio(self, at: Timestamp) -> Result<Self, AudioNeeded> {
        let state = self.state();
        if state.is_active() {
            return Err(AudioNeeded { state });
        }
        let audio_removed_at = self.0.audio_removed_at.or(Some(at));
        Ok(Self(TranscriptionParts { audio_removed_at, ..self.0 }))
    }

    /// Gives it another title, or none. Possible in every state.
    pub fn rename(self, title: Option<Title>, at: Timestamp) -> Self {
        Self(TranscriptionParts { title, ..self.0 }).revised(at)
    }

    fn apply(self, event: Event, stored: &ChunkNumbers, at: Timestamp) -> Result<Self, TransitionError> {
        let (state, error_count) = self.0.state.after(event, self.0.error_count, self.0.plan, stored, at)?;
        Ok(Self(TranscriptionParts { state, error_count, ..self.0 }).revised(at))
    }

    fn revised(self, at: Timestamp) -> Self {
        Self(TranscriptionParts { revision: self.0.revision.saturating_add(1), updated_at: at, ..self.0 })
    }
}
