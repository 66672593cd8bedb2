//! The real program, from outside: processes, sockets and files.
//!
//! One test binary, so that the program's parts are linked once. A new area is a module here; each test starts servers
//! of its own by [`common::Server`].

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod command_line;
#[path = "../common/mod.rs"]
mod common;
mod start_and_stop;
