//! A database of its own for each test.

use std::sync::Arc;

use lectern_postgres_adapter::PostgresDatabase;

use crate::databases::TestDatabase;

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
    Fixture { database: test.open().await, test }
}

impl Fixture {
    /// Runs SQL past the adapter.
    pub(crate) async fn execute(&self, sql: &str) {
        self.test.raw().await.batch_execute(sql).await.unwrap();
    }

    /// The first column of what SQL answers, past the adapter.
    pub(crate) async fn lines(&self, sql: &str) -> Vec<String> {
        let rows = self.test.raw().await.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}
