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
mod doctor_parts;
mod documents;
mod earlier_data;
mod golden;
mod inbox;
mod journey;
mod keys;
mod limits;
mod log_lines;
mod logs;
mod mail;
mod metrics;
mod operator;
mod packaging;
mod profile;
mod python;
mod readiness;
mod repeated;
mod scaled;
mod scrape;
mod secrets;
mod security_headers;
mod server;
mod small_disk;
mod sound;
mod start_and_stop;
mod status_protocol;
mod tls;
mod uploads;
mod workers;
