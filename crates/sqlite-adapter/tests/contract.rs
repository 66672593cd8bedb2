//! The contract of the stores and the read models.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use lectern_sqlite_adapter::SqliteDatabase;
use lectern_testkit::contract::store::StoreFixture;

async fn fixture() -> StoreFixture {
    let folder = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(&folder.path().join("lectern.db")).unwrap();
    database.migrate_up().await.unwrap();
    let database = Arc::new(database);
    StoreFixture { transactions: database.clone(), queries: database, keep: Box::new(folder) }
}

lectern_testkit::store_contract!(fixture());
