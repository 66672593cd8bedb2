//! The server's log, where it is kept to be looked through.

use async_trait::async_trait;
use lectern_domain::{
    log::{LogEntry, LogLevel, LogText},
    time::Timestamp,
};
use uuid::Uuid;

use super::StoreError;

/// Keeps lines of the log. Outside any unit of work: a line stays, whatever becomes of what it is about.
#[async_trait]
pub trait LogSink: Send + Sync {
    /// Appends entries, however many, all of them or none. An entry whose id is there already MUST be left as it is: who
    /// got no answer calls again.
    async fn append(&self, entries: &[LogEntry]) -> Result<(), StoreError>;

    /// Removes at most `limit` entries from before `before`, the oldest first, and answers how many.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError>;

    /// Removes entries, the oldest first and at most `limit`, as long as there are more than `most`, and answers how many.
    /// That there are not SHOULD be known without counting them.
    async fn purge_beyond(&self, most: u64, limit: u32) -> Result<u32, StoreError>;
}

/// Which lines to list. All that is given has to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogFilter {
    /// Only those that are at least so bad.
    pub level: Option<LogLevel>,
    /// Only those at this time or later.
    pub since: Option<Timestamp>,
    /// Only those before this time.
    pub until: Option<Timestamp>,
    /// Only those about this request.
    pub request_id: Option<Uuid>,
    /// Only those about requests that this route took.
    pub route: Option<LogText>,
    /// Only those about answers of this status.
    pub status: Option<u16>,
    /// Only those whose message has this part, whatever the case of ASCII letters. Nothing in it MUST be taken for a
    /// wildcard.
    pub message: Option<LogText>,
}
