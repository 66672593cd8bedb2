//! The API over real HTTP, on ports in memory.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod audit;
mod authorisation;
mod balance;
mod cross_origin;
mod documentation;
mod documents;
mod failures;
mod fast_web;
mod fastapi_auth;
mod headers;
mod hostile_input;
mod iccem;
mod idempotency;
mod katkru;
mod lazy_lecture;
mod lazy_lecture_worker;
mod limits;
mod logs;
mod mails;
mod metrics;
mod repeated_uploads;
mod roles;
mod server;
mod sessions;
mod transcriptions;
mod users;
