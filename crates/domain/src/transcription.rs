//! A recording on its way to text.
//!
//! [`Transcription`] is the state machine, [`ChunkPlan`] says which chunks a recording has, [`Chunk`] and [`Segment`]
//! hold the text, [`border`] where the audio is cut, and [`Job`] is the lease that lets exactly one worker at a time
//! work on it. Workers that know nothing of leases report by the transcription (`report.rs`).

pub mod border;
mod chunk;
mod job;
mod machine;
mod plan;
mod recording;
mod report;
mod search;
mod state;

pub use chunk::{Chunk, ChunkError, Segment, SegmentError};
pub use job::{
    AnnouncementRules, Job, JobParts, Lease, LeaseId, LeaseLost, LeaseRefused, LeaseRules, WorkerName,
};
pub use machine::{
    AudioNeeded, NewTranscription, Transcription, TranscriptionId, TranscriptionNumber, TranscriptionParts,
    TransitionError,
};
pub use plan::{ChunkNumber, ChunkNumbers, ChunkPlan, PlanError};
pub use recording::{
    AudioKey, DurationLimits, DurationOutOfRange, Language, LanguageError, Recording, RecordingKinds, Sha256,
    Title,
};
pub use search::{SearchError, SearchText};
pub use state::{Event, IllegalTransition, MAX_ERRORS, State, StateName};
