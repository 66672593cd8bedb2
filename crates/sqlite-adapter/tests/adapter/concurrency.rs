//! One writer, many readers.

use std::time::Duration;

use lectern_application::ports::{Queries, StoreError, Transactions};
use lectern_sqlite_adapter::{SqliteDatabase, SqliteSettings};
use lectern_testkit::build;
use tokio::task::JoinSet;

use crate::fixture::migrated;

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_never_meet_a_locked_database() {
    let fixture = migrated().await;
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let database = fixture.database.clone();
        writers.spawn(async move {
            for unit in 0..100 {
                let mut work = database.begin().await.unwrap();
                let user = build::user(&format!("w{writer}u{unit}")).build();
                let id = work.insert_user(user).await.unwrap().id();
                assert!(work.user(id).await.unwrap().is_some());
                work.commit().await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let mut work = fixture.database.begin().await.unwrap();
    let last = work.insert_user(build::user("last").build()).await.unwrap();
    assert_eq!(last.parts().number.0, 401);
}

#[tokio::test]
async fn readers_do_not_wait_for_the_writer() {
    let fixture = migrated().await;
    let mut work = fixture.database.begin().await.unwrap();
    let user = work.insert_user(build::user("ada").build()).await.unwrap();
    assert_eq!(fixture.database.account(user.id()).await.unwrap(), None);
}

#[tokio::test]
async fn a_writer_that_never_comes_free_is_reported_as_unavailable() {
    let fixture = migrated().await;
    let settings = SqliteSettings { wait: Duration::from_millis(20), ..SqliteSettings::at(fixture.path()) };
    let database = SqliteDatabase::open_with(&settings).unwrap();
    let _held = database.begin().await.unwrap();
    assert!(matches!(database.begin().await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test]
async fn a_unit_that_failed_makes_way_before_it_is_dropped() {
    let fixture = migrated().await;
    let mut failed = fixture.database.begin().await.unwrap();
    failed.insert_user(build::user("ada").build()).await.unwrap();
    assert!(failed.insert_user(build::user("ADA").build()).await.is_err());

    let mut next = fixture.database.begin().await.unwrap();
    next.insert_user(build::user("ada").build()).await.unwrap();
    next.commit().await.unwrap();
    assert!(failed.commit().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn abandoned_calls_leave_nothing_behind() {
    let fixture = migrated().await;
    for at in 0..200 {
        let mut work = fixture.database.begin().await.unwrap();
        let call = work.insert_user(build::user(&format!("u{at}")).build());
        // Begins the call, and drops it wherever it is by then.
        tokio::select! { biased; _ = call => {} () = std::future::ready(()) => {} }
    }
    let mut work = fixture.database.begin().await.unwrap();
    let first = work.insert_user(build::user("ada").build()).await.unwrap();
    assert_eq!(first.parts().number.0, 1);
}
