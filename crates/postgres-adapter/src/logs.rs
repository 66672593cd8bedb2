//! The port [`LogSink`]: one statement each. Both may be run twice.

use async_trait::async_trait;
use lectern_application::ports::{LogSink, StoreError};
use lectern_domain::{log::LogEntry, time::Timestamp};

use crate::{PostgresDatabase, database::read, statements::logs};

#[async_trait]
impl LogSink for PostgresDatabase {
    async fn append(&self, entries: &[LogEntry]) -> Result<(), StoreError> {
        read!(self, async |connection| logs::append(connection, entries).await)
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        read!(self, async |connection| logs::purge(connection, before, limit).await)
    }
}
