//! lazy-lecture: accounts and lecture transcription for a web UI, a bot and a worker.
//!
//! Its clients know accounts and transcriptions by their numbers, send access tokens in the header `Authorization` alone,
//! and read times without an offset. They compare texts of errors, so those are kept to the letter.
//!
//! | module | what is there |
//! |---|---|
//! | `routes` | accounts, and whether the service is up |
//! | `transcripts` | what owners do with their transcriptions |
//! | `upload` | recordings |
//! | `worker` | what the worker reports |
//! | `extract` | who asks, and what is meant |
//! | `error` | how it is said that something failed |
//!
//! # Not copied
//!
//! - That every failure has the status 418: they have those of HTTP.
//! - That anybody reads and exports anybody's transcript: another's is not found, but for holders of
//!   `transcriptions.read_any`.
//! - That the admin token is above everybody: who holds it changes accounts without any power over others. A token that
//!   leaked makes nobody an administrator.
//! - That signing in asks whether the password could be one: a wrong one is wrong.
//! - That pages of a transcript are as long as the transcript, and that recordings of any length are taken.
//! - That secrets get into the log.

mod dto;
mod error;
mod extract;
mod routes;
mod transcripts;
mod upload;
mod worker;

pub(super) use error::said;
pub(super) use routes::{configure, refresh, register};
