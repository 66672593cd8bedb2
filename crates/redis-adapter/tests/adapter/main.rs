//! The adapter on a real server: that of `LECTERN_TEST_REDIS_URL`, and such as can be stopped.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod contract;
mod fixture;
mod limits;
mod log;
mod news;
mod outages;
mod private_server;
mod revocations;
mod sessions;
mod tls;
