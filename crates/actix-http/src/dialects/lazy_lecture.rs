//! lazy-lecture: accounts and lecture transcription for a web UI, a bot and a worker.

mod dto;
mod error;
mod routes;
mod worker;

pub(super) use error::said;
pub(super) use routes::{configure, refresh, register};
