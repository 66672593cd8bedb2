//! The API over real HTTP, on ports in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod authorisation;
mod failures;
mod mails;
mod server;
mod sessions;
mod transcriptions;
