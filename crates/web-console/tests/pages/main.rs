//! The pages as browsers and other clients get them, on ports in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod devices;
mod entry;
mod failures;
mod gate;
mod headers;
mod recordings;
mod site;
mod sources;
