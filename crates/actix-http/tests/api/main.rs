//! The API over real HTTP, on ports in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod authorisation;
mod balance;
mod failures;
mod idempotency;
mod repeated_uploads;
mod server;
mod sessions;
mod transcriptions;
