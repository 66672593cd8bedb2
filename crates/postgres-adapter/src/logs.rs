//! The port [`LogSink`]: entries are appended and removed in transactions of their own, together with their number.

use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use lectern_application::ports::{LogSink, StoreError};
use lectern_domain::{log::LogEntry, time::Timestamp};

use crate::{PostgresDatabase, failure::Failure, statements::logs};

impl PostgresDatabase {
    /// Runs statements in a transaction.
    async fn write<T>(
        &self,
        statements: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let mut transaction = self.transaction().await?;
        let answer = transaction.run(statements).await?;
        transaction.commit().await?;
        Ok(answer)
    }
}

#[async_trait]
impl LogSink for PostgresDatabase {
    async fn append(&self, entries: &[LogEntry]) -> Result<(), StoreError> {
        self.write(async |connection| logs::append(connection, entries).await).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.write(async |connection| logs::purge(connection, before, limit).await).await
    }

    async fn purge_beyond(&self, most: u64, limit: u32) -> Result<u32, StoreError> {
        self.write(async |connection| logs::purge_beyond(connection, most, limit).await).await
    }
}
