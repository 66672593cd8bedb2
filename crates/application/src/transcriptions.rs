//! What owners do with their recordings.
//!
//! Who asks for another's transcription gets the same answer as for one that doesn't exist.

mod active;
mod cancel;
mod chunks;
mod delete;
mod export;
mod import;
mod list;
mod listen;
mod named;
mod ownership;
mod read;
mod rename;
mod retry;
mod stage;
mod submit;
mod watch;

pub use active::AlreadyActive;
pub use cancel::CancelTranscription;
pub use chunks::ReadChunks;
pub use delete::DeleteTranscription;
pub use export::{ExportError, ExportTranscript};
pub use import::{ImportInput, ImportTranscript, ImportTranscriptError};
pub use list::ListTranscriptions;
pub use listen::{ListenError, ListenToRecording};
pub use named::TranscriptionRef;
pub use ownership::{ChangeError, ReadError};
pub use read::ReadTranscription;
pub use rename::RenameTranscription;
pub use retry::{RetryError, RetryTranscription};
pub use stage::{StageError, StageRecording, UploadInterrupted};
pub use submit::{SubmitError, SubmitInput, SubmitRecording, UploadRules};
pub use watch::{Progress, WatchTranscription};
