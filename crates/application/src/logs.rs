//! The server's own log, for those who may read it.

mod list;

pub use list::{ListLogs, ListLogsError};
