//! A transaction that can't be left open.

use std::sync::Arc;

use deadpool::unmanaged::Object;
use diesel::{
    Connection, SqliteConnection,
    connection::{AnsiTransactionManager, TransactionManager},
};
use lectern_application::slow_queries::SlowQueries;

use crate::{
    connection::{Access, connect},
    failure::Failure,
};

/// The one connection that writes.
pub(crate) struct Writer {
    path: String,
    connection: SqliteConnection,
    slow: Arc<SlowQueries>,
}

impl Writer {
    /// A writer to the file at `path`, beginning with a connection to it.
    pub(crate) fn new(path: String, connection: SqliteConnection, slow: Arc<SlowQueries>) -> Self {
        Self { path, connection, slow }
    }

    /// Its connection, outside any transaction. One that could not roll back is given up for a new one: closing it
    /// rolls back whatever it held.
    pub(crate) fn connection(&mut self) -> Result<&mut SqliteConnection, Failure> {
        if !is_idle(&mut self.connection) {
            self.connection = connect(&self.path, Access::Write, &self.slow)?;
        }
        Ok(&mut self.connection)
    }
}

/// A transaction that may write. Dropped without [`Transaction::commit`], it rolls back.
pub(crate) struct Transaction {
    writer: Object<Writer>,
}

impl Transaction {
    /// Begins. Takes the lock at once, so that no statement of it can fail for want of the lock.
    pub(crate) fn begin(mut writer: Object<Writer>) -> Result<Self, Failure> {
        AnsiTransactionManager::begin_transaction_sql(writer.connection()?, "BEGIN IMMEDIATE")?;
        Ok(Self { writer })
    }

    /// The connection, inside the transaction.
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.writer.connection
    }

    /// Commits. After an error nothing is stored.
    pub(crate) fn commit(mut self) -> Result<(), Failure> {
        Ok(AnsiTransactionManager::commit_transaction(self.connection())?)
    }
}

/// Rolls back on the thread that drops it, be it the event loop's: in WAL mode that only forgets pages in memory.
/// Handing it to another thread would lose it when the runtime is shutting down.
impl Drop for Transaction {
    fn drop(&mut self) {
        let connection = self.connection();
        if is_idle(connection) {
            return;
        }
        if let Err(error) = AnsiTransactionManager::rollback_transaction(connection) {
            tracing::warn!(%error, "a transaction could not be rolled back; its connection will be replaced");
        }
    }
}

/// Whether a connection is known to be outside any transaction.
fn is_idle(connection: &mut SqliteConnection) -> bool {
    let status =
        <SqliteConnection as Connection>::TransactionManager::transaction_manager_status_mut(connection);
    matches!(status.transaction_depth(), Ok(None))
}

#[cfg(test)]
mod tests {
    use deadpool::unmanaged::Pool;
    use diesel::{connection::SimpleConnection, dsl::sql, prelude::*, sql_types::BigInt};
    use tempfile::TempDir;

    use super::*;

    /// A pool of one writer, and the folder that holds its database.
    fn writer() -> (Pool<Writer>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lectern.db").to_str().unwrap().to_owned();
        let slow = SlowQueries::new(None);
        let mut connection = connect(&path, Access::Write, &slow).unwrap();
        connection.batch_execute("CREATE TABLE t (a INTEGER)").unwrap();
        (Pool::from(vec![Writer::new(path, connection, slow)]), folder)
    }

    fn begin(pool: &Pool<Writer>) -> Transaction {
        Transaction::begin(pool.try_get().unwrap()).unwrap()
    }

    fn rows(pool: &Pool<Writer>) -> i64 {
        let count = diesel::select(sql::<BigInt>("(SELECT count(*) FROM t)"));
        count.get_result(begin(pool).connection()).unwrap()
    }

    #[test]
    fn only_what_is_committed_stays() {
        let (pool, _folder) = writer();
        let mut committed = begin(&pool);
        committed.connection().batch_execute("INSERT INTO t VALUES (1)").unwrap();
        committed.commit().unwrap();
        begin(&pool).connection().batch_execute("INSERT INTO t VALUES (2)").unwrap();
        assert_eq!(rows(&pool), 1);
    }

    #[test]
    fn a_panic_rolls_back() {
        let (pool, _folder) = writer();
        let mut transaction = begin(&pool);
        let panicked = std::thread::spawn(move || {
            transaction.connection().batch_execute("INSERT INTO t VALUES (1)").unwrap();
            panic!("in the middle of a unit");
        });
        assert!(panicked.join().is_err());
        assert_eq!(rows(&pool), 0);
    }

    #[test]
    fn a_connection_that_can_not_roll_back_is_replaced() {
        let (pool, _folder) = writer();
        let mut transaction = begin(&pool);
        transaction.connection().batch_execute("INSERT INTO t VALUES (1)").unwrap();
        // What diesel notes when a rollback has failed.
        AnsiTransactionManager::transaction_manager_status_mut(transaction.connection()).set_in_error();
        drop(transaction);
        assert_eq!(rows(&pool), 0);
    }

    #[test]
    fn a_transaction_that_sqlite_ended_is_in_nobodys_way() {
        let (pool, _folder) = writer();
        // As SQLite does by itself after some errors.
        begin(&pool).connection().batch_execute("INSERT INTO t VALUES (1); ROLLBACK").unwrap();
        assert_eq!(rows(&pool), 0);
    }

    #[test]
    fn a_transaction_that_sqlite_ended_can_not_be_committed() {
        let (pool, _folder) = writer();
        let mut transaction = begin(&pool);
        transaction.connection().batch_execute("INSERT INTO t VALUES (1); ROLLBACK").unwrap();
        assert!(transaction.commit().is_err());
    }
}
