//! A transaction that can't be left open.

use deadpool::managed::Pool;
use diesel_async::AsyncPgConnection;
use lectern_application::ports::StoreError;
use tokio::runtime::Handle;

use crate::{borrowed::Borrowed, connection::Connector, failure::Failure};

/// An open transaction. Dropped, it is rolled back, and its connection is free for the next; dropped in the middle of a
/// statement, its connection is closed, which the server takes for a rollback.
pub(crate) struct Transaction {
    /// There until the transaction ends.
    borrowed: Option<Borrowed>,
}

/// It is over.
#[derive(Debug, thiserror::Error)]
#[error("the transaction is over")]
struct Over;

impl Transaction {
    /// Begins one. A row that is read or changed in it is locked as it is then, not as it was when the transaction began, so
    /// it sees what was committed before each of its statements.
    pub(crate) async fn begin(pool: &Pool<Connector>) -> Result<Self, StoreError> {
        let mut borrowed = Borrowed::from(pool).await?;
        let mut begun = borrowed.execute("BEGIN ISOLATION LEVEL READ COMMITTED").await;
        // The server may have closed the connection a moment ago.
        if begun.is_err() && borrowed.met_its_end() {
            borrowed.give_up();
            borrowed = Borrowed::from(pool).await?;
            begun = borrowed.execute("BEGIN ISOLATION LEVEL READ COMMITTED").await;
        }
        begun?;
        Ok(Self { borrowed: Some(borrowed) })
    }

    /// Runs statements in it. After a failure it must not be committed: PostgreSQL would answer that it was, and store
    /// nothing.
    pub(crate) async fn run<T>(
        &mut self,
        statements: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let borrowed = self.borrowed.as_mut();
        borrowed.ok_or_else(|| StoreError::Backend { source: Box::new(Over) })?.run(statements).await
    }

    /// Makes it durable. If that fails, nobody knows whether it is: the answer may be what was lost.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let borrowed = self.borrowed.take();
        let mut borrowed = borrowed.ok_or_else(|| StoreError::Backend { source: Box::new(Over) })?;
        let committed = borrowed.execute("COMMIT").await;
        if committed.is_err() {
            borrowed.give_up();
        }
        committed
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(borrowed) = self.borrowed.take() else { return };
        let mut rollback = Rollback { borrowed: Some(borrowed) };
        if rollback.is_possible()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(rollback.run());
        }
    }
}

/// The rollback of a transaction, or the end of its connection, whichever comes first.
struct Rollback {
    borrowed: Option<Borrowed>,
}

impl Rollback {
    fn is_possible(&mut self) -> bool {
        self.borrowed.as_mut().is_some_and(|borrowed| !borrowed.is_busy() && !borrowed.is_broken())
    }

    async fn run(mut self) {
        let Some(borrowed) = self.borrowed.as_mut() else { return };
        if borrowed.execute("ROLLBACK").await.is_ok() {
            // Back to the pool.
            self.borrowed = None;
        }
    }
}

impl Drop for Rollback {
    fn drop(&mut self) {
        if let Some(mut borrowed) = self.borrowed.take() {
            borrowed.give_up();
        }
    }
}
