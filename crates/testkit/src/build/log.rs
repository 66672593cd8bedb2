//! Lines of the log.

use std::time::Duration;

use lectern_domain::{
    log::{LogEntry, LogEntryId, LogFields, LogLevel, LogText},
    time::Timestamp,
};

use super::fresh_id;

/// A line that is about no request, and says nothing but its message.
pub fn log_entry(level: LogLevel, message: &str, at: Timestamp) -> LogEntry {
    LogEntry {
        id: LogEntryId(fresh_id()),
        at,
        level,
        target: LogText::cut("lectern"),
        message: LogText::cut(message),
        request_id: None,
        method: None,
        route: None,
        status: None,
        duration: None,
        fields: LogFields::default(),
    }
}

/// The line of a request.
pub fn request_log_entry(route: &str, status: u16, at: Timestamp) -> LogEntry {
    LogEntry {
        request_id: Some(fresh_id()),
        method: Some(LogText::cut("GET")),
        route: Some(LogText::cut(route)),
        status: Some(status),
        duration: Some(Duration::from_micros(1500)),
        ..log_entry(LogLevel::Info, "served", at)
    }
}
