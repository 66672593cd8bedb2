//! Jobs of a server far away: the port `JobSource` over HTTP, for `lectern worker --server URL`.
//!
//! | module | what is there |
//! |---|---|
//! | `jobs` | [`RemoteJobs`], the port: one method, one route |
//! | `connection` | the HTTP client: addresses, authorisation, time limits, answers that are failures |
//! | `wire` | the JSON of requests and answers, and its way into domain types |
//! | `recording` | the download of a recording into a temporary file |
//! | `schedule` | when to ask for jobs and when to give signs of life |
//!
//! Invariants: the worker token is never shown by `Debug` and never part of an error; nothing is trusted to be short
//! because a server sent it; a recording that a job was given is on the disk whole.
//!
//! A further route is a further method of [`RemoteJobs`]; what a failing status means is said once, in `connection`.

mod connection;
mod jobs;
mod recording;
mod schedule;
mod wire;

pub use connection::RemoteJobsError;
pub use jobs::RemoteJobs;
