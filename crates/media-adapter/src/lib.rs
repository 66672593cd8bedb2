//! Recordings and transcripts as files.
//!
//! | type | port | on |
//! |---|---|---|
//! | [`ObjectAudioStore`] | `AudioStore` | an object store: a folder now, S3 with the same code |
//! | [`FolderShelf`] | `WorkerShelf` | hard links in that folder |
//! | [`SymphoniaAudio`] | `AudioProbe`, `AudioDecoder` | symphonia and rubato, and FFmpeg for codecs that symphonia lacks |
//! | [`TranscriptFiles`] | `TranscriptRenderer` | docx-rs, `serde_json`, and the two subtitle formats by hand |
//!
//! Invariant: no method reads, writes, decodes, hashes or renders on an async worker thread.

mod audio;
mod render;
mod store;

pub use audio::{Ffmpeg, SymphoniaAudio};
pub use render::TranscriptFiles;
pub use store::{
    BucketReport, ConditionalWrites, FolderShelf, ObjectAudioStore, S3Settings, S3SettingsError,
    examine_bucket,
};
