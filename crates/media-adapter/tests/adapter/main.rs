//! The adapters on real files, with the real FFmpeg, a real full disk and a real S3 server.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod decode;
mod documents;
mod full_disk;
mod probe;
mod recordings;
mod s3;
#[path = "../s3/mod.rs"]
mod s3_server;
mod shelf;
mod store;
