//! What tests stand on: builders, a clock that stands still, ports in memory, and the contract of every port.
//!
//! | module | what it holds |
//! |---|---|
//! | [`build`] | valid values with sensible defaults, a line each |
//! | [`clock`], [`ids`] | time and ids that the test decides |
//! | [`memory`] | the database and the audio store without any technology, and with faults on demand |
//! | [`fakes`] | the other ports, predictable and observable |
//! | [`world`] | all use cases wired to the above |
//! | [`statements`] | what is asked of a database, for tests that look at its statements |
//! | [`contract`] | the suites that every adapter runs, the ports of [`memory`] and [`fakes`] too |
//!
//! A dev-dependency only, so it panics where a test would fail.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "what goes wrong in here is a failed test, and a panic says where"
)]

pub mod build;
pub mod clock;
pub mod contract;
pub mod fakes;
pub mod ids;
pub mod memory;
mod on_demand;
pub mod statements;
pub mod world;
