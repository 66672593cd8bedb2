//! A database of its own for each test.

use std::sync::Arc;

use lectern_postgres_adapter::PostgresDatabase;
use tokio_postgres::Client;

use crate::databases::{TestDatabase, connect};

/// A database that goes with this.
pub(crate) struct Fixture {
    /// The database.
    pub(crate) database: Arc<PostgresDatabase>,
    /// Where it is. Dropped last.
    pub(crate) test: TestDatabase,
}

/// An empty database with the whole schema.
pub(crate) async fn migrated() -> Fixture {
    let test = TestDatabase::migrated().await;
    Fixture { database: open(&test).await, test }
}

/// The database, open.
pub(crate) async fn open(test: &TestDatabase) -> Arc<PostgresDatabase> {
    Arc::new(PostgresDatabase::open(&test.settings()).await.unwrap())
}

impl Fixture {
    /// A connection past the adapter.
    pub(crate) async fn raw(&self) -> Client {
        connect(&self.test.url).await
    }

    /// Runs SQL past the adapter.
    pub(crate) async fn execute(&self, sql: &str) {
        self.raw().await.batch_execute(sql).await.unwrap();
    }

    /// The first column of what SQL answers, past the adapter.
    pub(crate) async fn lines(&self, sql: &str) -> Vec<String> {
        let rows = self.raw().await.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}
