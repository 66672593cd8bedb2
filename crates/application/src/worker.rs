//! The worker: takes a job, decodes, recognises, stores, chunk by chunk.
//!
//! It knows nothing of where jobs come from ([`JobSource`](crate::ports::JobSource)): in the server's process it is
//! [`EmbeddedJobs`], far away it speaks HTTP. A crash at any point loses at most the chunk at hand.

mod chunker;
mod cut;
mod embedded;
mod run;
mod transcribe_file;

pub use chunker::ChunkFailure;
pub use embedded::EmbeddedJobs;
pub use run::Worker;
pub use transcribe_file::{TranscribeFile, TranscribeFileError, TranscribeFileInput};
