//! A server that takes everything and answers nothing.

use std::{num::NonZeroUsize, time::Duration};

use lectern_application::ports::{Queries as _, StoreError, Transactions as _};
use lectern_domain::account::UserNumber;
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use lectern_services::Proxy;

use crate::databases::{TestDatabase, server};

/// For a statement, and for connecting.
const PATIENCE: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_and_used_again_when_it_speaks() {
    let database = TestDatabase::migrated().await;
    let address = server();
    let address = address.split_once('@').map_or(address.as_str(), |(_, rest)| rest);
    let proxy = Proxy::to(address.split('/').next().unwrap().parse().unwrap()).unwrap();
    let settings = PostgresSettings {
        connections: NonZeroUsize::MIN,
        connect_timeout: PATIENCE,
        statement_timeout: PATIENCE,
        ..PostgresSettings::at(proxy.in_url(&database.url).into())
    };
    let postgres = PostgresDatabase::open(&settings).await.unwrap();
    let nobody = UserNumber(1_000_000);

    // What is held back comes when this is over, to nobody.
    proxy.delay(PATIENCE * 20);
    let read = postgres.account_by_number(nobody).await;
    assert!(matches!(read, Err(StoreError::Unavailable { .. })), "{read:?}");
    let begun = postgres.begin().await.map(drop);
    assert!(matches!(begun, Err(StoreError::Unavailable { .. })), "{begun:?}");
    proxy.delay(Duration::ZERO);
    assert!(postgres.account_by_number(nobody).await.unwrap().is_none());
}
