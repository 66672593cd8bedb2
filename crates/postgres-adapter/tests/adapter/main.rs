//! What this adapter promises beyond the contract of its ports.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

#[path = "../databases/mod.rs"]
mod databases;

mod connections;
mod contention;
mod corruption;
mod encryption;
mod fixture;
mod migrations;
mod opening;
mod schema;
mod search;
mod silence;
mod slow;
