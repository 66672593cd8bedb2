//! The adapters on real files, with the real FFmpeg and a real full disk.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod decode;
mod documents;
mod full_disk;
mod probe;
mod recordings;
mod store;
