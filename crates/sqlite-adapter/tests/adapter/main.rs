//! What this adapter promises beyond the contract of its ports.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod concurrency;
mod corruption;
mod files;
mod fixture;
mod migrations;
mod words;
