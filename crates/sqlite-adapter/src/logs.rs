//! The port [`LogSink`]: entries are appended and removed in transactions of their own, in their turn.

use async_trait::async_trait;
use diesel::SqliteConnection;
use lectern_application::ports::{LogSink, StoreError};
use lectern_domain::{log::LogEntry, time::Timestamp};

use crate::{
    SqliteDatabase, blocking::blocking, failure::Failure, statements::logs, transaction::Transaction,
};

impl SqliteDatabase {
    /// Runs statements in a transaction, from its beginning to its end without a pause, so that others wait as little as
    /// can be.
    async fn write<T, S>(&self, statements: S) -> Result<T, StoreError>
    where
        T: Send + 'static,
        S: FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    {
        let writer = self.writer().await?;
        blocking(move || {
            let mut transaction = Transaction::begin(writer)?;
            let answer = statements(transaction.connection())?;
            transaction.commit()?;
            Ok(answer)
        })
        .await
    }
}

#[async_trait]
impl LogSink for SqliteDatabase {
    async fn append(&self, entries: &[LogEntry]) -> Result<(), StoreError> {
        let entries = entries.to_vec();
        self.write(move |connection| logs::append(connection, &entries)).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.write(move |connection| logs::purge(connection, before, limit)).await
    }

    async fn purge_beyond(&self, most: u64, limit: u32) -> Result<u32, StoreError> {
        self.write(move |connection| logs::purge_beyond(connection, most, limit)).await
    }
}
