//! The contract of the stores and the read models, with and without a cache in front of them.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use lectern_application::{
    in_process::LocalSessionCache,
    ports::Schema,
    session_cache::{CachedQueries, CachedTransactions},
};
use lectern_sqlite_adapter::SqliteDatabase;
use lectern_testkit::{clock::FakeClock, contract::store::StoreFixture};

async fn fixture() -> StoreFixture {
    let folder = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(&folder.path().join("lectern.db")).unwrap();
    database.migrate_up().await.unwrap();
    let database = Arc::new(database);
    StoreFixture {
        transactions: database.clone(),
        queries: database.clone(),
        log: database,
        keep: Box::new(folder),
    }
}

async fn cached() -> StoreFixture {
    let StoreFixture { transactions, queries, log, keep } = fixture().await;
    let cache = Arc::new(LocalSessionCache::new(Arc::new(FakeClock::default())));
    StoreFixture {
        transactions: Arc::new(CachedTransactions { transactions, cache: cache.clone() }),
        queries: Arc::new(CachedQueries { queries, cache }),
        log,
        keep,
    }
}

lectern_testkit::store_contract!(fixture());

mod behind_a_cache {
    use super::*;

    lectern_testkit::store_contract!(cached());
}

mod dumps {
    use lectern_sqlite_adapter::SqliteDumps;
    use lectern_testkit::contract::dumps::DumpsFixture;

    use super::*;

    lectern_testkit::dumps_contract!(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lectern.db");
        let database = SqliteDatabase::open(&path).unwrap();
        database.migrate_up().await.unwrap();
        let database = Arc::new(database);
        DumpsFixture {
            dumps: Arc::new(SqliteDumps::new(path)),
            transactions: database.clone(),
            queries: database,
            keep: Box::new(folder),
        }
    });
}
