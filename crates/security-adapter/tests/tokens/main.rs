//! Tokens and the keys that sign them, from outside.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod attacks;
mod claims;
mod forge;
mod key_ring;
mod remembered;
mod rings;
mod rotation;
mod signatures;
