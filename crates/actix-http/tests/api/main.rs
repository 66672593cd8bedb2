//! The API over real HTTP, on ports in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audit;
mod authorisation;
mod failures;
mod hostile_input;
mod limits;
mod server;
mod sessions;
mod transcriptions;
