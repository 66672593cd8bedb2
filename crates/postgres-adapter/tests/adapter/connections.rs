//! Connections that are lost, missing, slow or abandoned.

use std::{num::NonZeroUsize, time::Duration};

use lectern_application::ports::{Queries, StoreError, Transactions};
use lectern_domain::account::UserId;
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use lectern_testkit::build;

use crate::fixture::{Fixture, migrated};

/// Ends all connections but the one that this is asked over, as a restart of the server does, and waits until they are gone.
async fn cut(fixture: &Fixture) {
    let raw = fixture.raw().await;
    let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    raw.batch_execute(&format!("SELECT pg_terminate_backend(pid, 10000) {others}")).await.unwrap();
}

/// The database with other settings.
async fn with(fixture: &Fixture, change: impl FnOnce(&mut PostgresSettings)) -> PostgresDatabase {
    let mut settings = fixture.test.settings();
    change(&mut settings);
    PostgresDatabase::open(&settings).await.unwrap()
}

async fn add(database: &PostgresDatabase, name: &str) -> UserId {
    let mut work = database.begin().await.unwrap();
    let id = work.insert_user(build::user(name).build()).await.unwrap().id();
    work.commit().await.unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_units_do_not_notice_that_idle_connections_were_lost() {
    let fixture = migrated().await;
    let ada = add(&fixture.database, "ada").await;
    for round in 0..5 {
        cut(&fixture).await;
        assert!(fixture.database.account(ada).await.unwrap().is_some());
        cut(&fixture).await;
        add(&fixture.database, &format!("user{round}")).await;
    }
}

#[tokio::test]
async fn a_unit_whose_connection_is_lost_is_unavailable_and_stores_nothing() {
    let fixture = migrated().await;
    let mut work = fixture.database.begin().await.unwrap();
    let id = work.insert_user(build::user("ada").build()).await.unwrap().id();
    cut(&fixture).await;
    assert!(matches!(work.user(id).await, Err(StoreError::Unavailable { .. })));
    assert!(work.commit().await.is_err());
    assert_eq!(fixture.database.account(id).await.unwrap(), None);
}

#[tokio::test]
async fn a_commit_whose_connection_is_lost_errs() {
    let fixture = migrated().await;
    let mut work = fixture.database.begin().await.unwrap();
    let id = work.insert_user(build::user("ada").build()).await.unwrap().id();
    cut(&fixture).await;
    assert!(matches!(work.commit().await, Err(StoreError::Unavailable { .. })));
    assert_eq!(fixture.database.account(id).await.unwrap(), None);
}

#[tokio::test]
async fn a_full_pool_is_unavailable() {
    let fixture = migrated().await;
    let database = with(&fixture, |settings| {
        settings.connections = NonZeroUsize::MIN;
        settings.wait = Duration::from_millis(20);
    })
    .await;
    let held = database.begin().await.unwrap();
    assert!(matches!(database.begin().await, Err(StoreError::Unavailable { .. })));
    assert!(matches!(database.ping().await, Err(StoreError::Unavailable { .. })));
    drop(held);
    let patient = with(&fixture, |settings| settings.connections = NonZeroUsize::MIN).await;
    drop(patient.begin().await.unwrap());
    patient.ping().await.unwrap();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_unavailable() {
    let fixture = migrated().await;
    let database = with(&fixture, |settings| settings.statement_timeout = Duration::from_millis(50)).await;
    let raw = fixture.raw().await;
    raw.batch_execute("BEGIN; LOCK TABLE roles IN ACCESS EXCLUSIVE MODE").await.unwrap();
    assert!(matches!(database.roles().await, Err(StoreError::Unavailable { .. })));
    raw.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(database.roles().await.unwrap().len(), 5);
}

#[tokio::test]
async fn a_row_that_is_never_let_go_is_unavailable() {
    let fixture = migrated().await;
    let ada = add(&fixture.database, "ada").await;
    let database = with(&fixture, |settings| settings.lock_timeout = Duration::from_millis(50)).await;
    let mut held = database.begin().await.unwrap();
    held.user(ada).await.unwrap();
    let mut waiting = database.begin().await.unwrap();
    assert!(matches!(waiting.user(ada).await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test]
async fn a_unit_that_does_nothing_keeps_nobody_waiting_for_good() {
    let fixture = migrated().await;
    let ada = add(&fixture.database, "ada").await;
    let hasty =
        |settings: &mut PostgresSettings| settings.idle_in_transaction_timeout = Duration::from_millis(50);
    let database = with(&fixture, hasty).await;
    let mut hanging = database.begin().await.unwrap();
    hanging.user(ada).await.unwrap();
    let mut next = fixture.database.begin().await.unwrap();
    next.user(ada).await.unwrap();
    assert!(matches!(hanging.commit().await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn abandoned_calls_leave_nothing_behind() {
    let fixture = migrated().await;
    for at in 0..100 {
        let mut work = fixture.database.begin().await.unwrap();
        let call = work.insert_user(build::user(&format!("u{at}")).build());
        // Begins the call, and drops it wherever it is by then.
        tokio::select! { biased; _ = call => {} () = std::future::ready(()) => {} }
    }
    assert_eq!(fixture.lines("SELECT username FROM users").await, [""; 0]);
    add(&fixture.database, "u0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_abandoned_call_waits_for_is_called_off() {
    let fixture = migrated().await;
    let ada = add(&fixture.database, "ada").await;
    let mut held = fixture.database.begin().await.unwrap();
    held.user(ada).await.unwrap();
    let mut abandoned = fixture.database.begin().await.unwrap();
    let eve = abandoned.insert_user(build::user("eve").build()).await.unwrap().id();
    let waiting = tokio::time::timeout(Duration::from_millis(50), abandoned.user(ada)).await;
    assert!(waiting.is_err());
    drop(abandoned);
    // Would wait for the end of the abandoned unit, which else would wait for the end of the held one.
    add(&fixture.database, "eve").await;
    assert_eq!(fixture.database.account(eve).await.unwrap(), None);
    held.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn units_that_are_dropped_give_their_connections_back() {
    let fixture = migrated().await;
    let backends = "SELECT pid::text FROM pg_stat_activity \
        WHERE datname = current_database() AND application_name = 'lectern' ORDER BY 1";
    drop(fixture.database.begin().await.unwrap());
    let before = fixture.lines(backends).await;
    for _ in 0..50 {
        let mut work = fixture.database.begin().await.unwrap();
        work.user(UserId(build::fresh_id())).await.unwrap();
    }
    let after = fixture.lines(backends).await;
    assert!(before.iter().all(|pid| after.contains(pid)), "{before:?} {after:?}");
}
