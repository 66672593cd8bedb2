//! The contract of the stores and the read models, with and without a cache in front of them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod databases;

use std::sync::Arc;

use lectern_application::{
    in_process::LocalSessionCache,
    session_cache::{CachedQueries, CachedTransactions},
};
use lectern_postgres_adapter::PostgresDatabase;
use lectern_testkit::{clock::FakeClock, contract::store::StoreFixture};

use databases::TestDatabase;

async fn fixture() -> StoreFixture {
    let test = TestDatabase::migrated().await;
    let database = Arc::new(PostgresDatabase::open(&test.settings()).await.unwrap());
    StoreFixture {
        transactions: database.clone(),
        queries: database.clone(),
        log: database,
        keep: Box::new(test),
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

mod dumps {
    use lectern_postgres_adapter::PostgresDumps;
    use lectern_testkit::contract::dumps::DumpsFixture;

    use super::*;

    lectern_testkit::dumps_contract!(async {
        let test = TestDatabase::migrated().await;
        let database = Arc::new(PostgresDatabase::open(&test.settings()).await.unwrap());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let dumps = Arc::new(PostgresDumps::new(test.settings(), &path).unwrap());
        DumpsFixture { dumps, transactions: database.clone(), queries: database, keep: Box::new(test) }
    });
}

mod duties {
    use lectern_testkit::contract::duties::DutiesFixture;

    use super::*;

    lectern_testkit::duties_contract!(async {
        let test = TestDatabase::migrated().await;
        let database = PostgresDatabase::open(&test.settings()).await.unwrap();
        DutiesFixture { duties: Arc::new(database), keep: Box::new(test) }
    });
}

mod behind_a_cache {
    use super::*;

    lectern_testkit::store_contract!(cached());
}
