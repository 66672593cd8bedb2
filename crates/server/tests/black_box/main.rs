//! The real program, from outside: processes, sockets and files.
//!
//! One test binary, so that the program's parts are linked once. A new area is a module here; each test starts servers
//! of its own by [`server::Server`].

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod administration;
mod attacks;
mod backups;
mod browser;
mod cancel;
mod client;
mod command_line;
mod crash;
mod cross_origin;
mod database;
mod doctor;
mod earlier_data;
mod golden;
mod inbox;
mod journey;
mod keys;
mod limits;
mod logs;
mod mail;
mod operator;
mod profile;
mod python;
mod readme;
mod repeated;
mod scaled;
mod server;
mod sound;
mod start_and_stop;
mod status_protocol;
mod uploads;
mod walk;
mod workers;
