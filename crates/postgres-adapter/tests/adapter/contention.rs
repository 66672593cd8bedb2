//! Units that meet: who waits for whom, and that nobody waits in a circle.

use std::sync::Arc;

use futures::future::join_all;
use lectern_application::ports::{SaveOutcome, StoreError, Transactions};
use lectern_domain::{
    access::{Permission, PermissionSet, Role, RoleName},
    account::{User, UserId},
    session::{EndReason, Generation, RefreshRules, Session},
    transcription::{Job, LeaseId, LeaseRules, Transcription, WorkerName},
};
use lectern_postgres_adapter::PostgresDatabase;
use lectern_testkit::build;
use tokio::sync::Barrier;

use crate::fixture::migrated;

async fn add(database: &PostgresDatabase, name: &str) -> User {
    let mut work = database.begin().await.unwrap();
    let user = work.insert_user(build::user(name).build()).await.unwrap();
    work.commit().await.unwrap();
    user
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_units_that_wait_for_each_other_one_is_contended_and_the_other_goes_on() {
    let fixture = migrated().await;
    let (ada, eve) = (add(&fixture.database, "ada").await.id(), add(&fixture.database, "eve").await.id());
    let meet = Arc::new(Barrier::new(2));
    let units = [[ada, eve], [eve, ada]].map(|[first, second]| {
        let (database, meet) = (fixture.database.clone(), meet.clone());
        tokio::spawn(async move {
            let mut work = database.begin().await.unwrap();
            work.user(first).await.unwrap();
            meet.wait().await;
            work.user(second).await?;
            work.commit().await
        })
    });
    let mut done = Vec::new();
    for unit in units {
        done.push(unit.await.unwrap());
    }
    let contended = |done: &&Result<(), StoreError>| matches!(done, Err(StoreError::Contended { .. }));
    assert_eq!(done.iter().filter(contended).count(), 1, "{done:?}");
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1, "{done:?}");
}

/// What a refresh does: it knows the session, and asks for the account after it.
async fn refresh(database: &PostgresDatabase, session: &Session) -> Result<(), StoreError> {
    let mut work = database.begin().await?;
    let stored = work.session(session.id()).await?.unwrap();
    work.user(stored.parts().user).await?;
    work.role(&RoleName::USER).await?;
    work.save_session(&stored, stored.generation()).await?;
    work.commit().await
}

/// What an administrator does: they know the account, and end its sessions.
async fn end_sessions(database: &PostgresDatabase, user: UserId) -> Result<(), StoreError> {
    let mut work = database.begin().await?;
    let found = work.user(user).await?.unwrap();
    for session in work.live_sessions(user, build::at(0)).await? {
        let generation = session.generation();
        let saved = work.save_session(&session, generation).await?;
        assert_eq!(saved, SaveOutcome::Saved);
    }
    work.save_user(&found).await?;
    work.commit().await
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshing_and_ending_sessions_never_wait_in_a_circle() {
    let fixture = migrated().await;
    let user = add(&fixture.database, "ada").await.id();
    let sessions = [(); 2].map(|()| build::session(user).build());
    let mut work = fixture.database.begin().await.unwrap();
    for session in &sessions {
        work.insert_session(session).await.unwrap();
    }
    work.commit().await.unwrap();
    let units = (0..200).map(|n: usize| {
        let (database, session) = (fixture.database.clone(), sessions[n % 2].clone());
        tokio::spawn(async move {
            if n.is_multiple_of(3) {
                end_sessions(&database, user).await
            } else {
                refresh(&database, &session).await
            }
        })
    });
    for done in join_all(units).await {
        done.unwrap().unwrap();
    }
}

/// What a worker does: it knows its lease, and asks for the transcription after it.
async fn heartbeat(database: &PostgresDatabase, lease: LeaseId) -> Result<(), StoreError> {
    let mut work = database.begin().await?;
    let job = work.leased_job(lease).await?.unwrap();
    let transcription = work.transcription(job.parts().transcription).await?.unwrap();
    work.save_transcription(&transcription).await?;
    work.put_job(&job).await?;
    work.commit().await
}

/// What an owner does: they know the transcription, and put its job away.
async fn cancel(database: &PostgresDatabase, transcription: &Transcription) -> Result<(), StoreError> {
    let mut work = database.begin().await?;
    let found = work.transcription(transcription.id()).await?.unwrap();
    let job = work.job(found.id()).await?.unwrap();
    work.put_job(&job).await?;
    work.save_transcription(&found).await?;
    work.commit().await
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_and_owners_never_wait_in_a_circle() {
    let fixture = migrated().await;
    let owner = add(&fixture.database, "ada").await.id();
    let lease = LeaseId(build::fresh_id());
    let mut work = fixture.database.begin().await.unwrap();
    let transcription = work.insert_transcription(build::transcription(owner).build()).await.unwrap();
    let job = Job::enqueue(transcription.id(), build::at(0));
    let worker = WorkerName::parse("host-1").unwrap();
    work.put_job(&job.lease(lease, worker, build::at(0), LeaseRules::default()).unwrap()).await.unwrap();
    work.commit().await.unwrap();
    let units = (0..200).map(|n| {
        let (database, transcription) = (fixture.database.clone(), transcription.clone());
        tokio::spawn(async move {
            if n % 2 == 0 {
                heartbeat(&database, lease).await
            } else {
                cancel(&database, &transcription).await
            }
        })
    });
    for done in join_all(units).await {
        done.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_a_role_and_refreshing_never_wait_in_a_circle() {
    let fixture = migrated().await;
    let user = add(&fixture.database, "ada").await.id();
    let session = build::session(user).build();
    let mut work = fixture.database.begin().await.unwrap();
    work.insert_session(&session).await.unwrap();
    work.commit().await.unwrap();
    let changes = async {
        for _ in 0..20 {
            let mut work = fixture.database.begin().await.unwrap();
            let role = work.role(&RoleName::USER).await.unwrap().unwrap();
            work.raise_epochs(&role.name).await.unwrap();
            work.save_role(&role).await.unwrap();
            work.commit().await.unwrap();
        }
    };
    let refreshes = async {
        let units = (0..200).map(|_| refresh(&fixture.database, &session));
        for done in join_all(units).await {
            done.unwrap();
        }
    };
    tokio::join!(changes, refreshes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counted_role_keeps_its_accounts_until_the_unit_ends() {
    let fixture = migrated().await;
    let ada = add(&fixture.database, "ada").await;
    let mut counting = fixture.database.begin().await.unwrap();
    assert_eq!(counting.count_active_users(&RoleName::USER).await.unwrap(), 1);
    let blocked = ada.clone().block(build::at(1)).unwrap();
    let changes = [
        Change::Add,
        Change::Save(Box::new(blocked)),
        Change::Save(Box::new(ada.with_role(RoleName::ADMIN, build::at(1)))),
    ];
    let waiting = changes.map(|change| {
        let database = fixture.database.clone();
        tokio::spawn(async move {
            let mut work = database.begin().await.unwrap();
            match change {
                Change::Add => work.insert_user(build::user("eve").build()).await.map(drop),
                Change::Save(user) => work.save_user(&user).await,
            }
            .unwrap();
        })
    });
    // All of them have come as far as they come.
    while fixture
        .lines("SELECT pid::text FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        .await
        .len()
        < 2
    {}
    assert_eq!(counting.count_active_users(&RoleName::USER).await.unwrap(), 1);
    assert!(waiting.iter().all(|waiting| !waiting.is_finished()));
    counting.commit().await.unwrap();
    for done in waiting {
        done.await.unwrap();
    }
}

/// What somebody else does to the accounts of a role.
enum Change {
    Add,
    Save(Box<User>),
}

#[tokio::test]
async fn signing_in_and_up_wait_neither_for_each_other_nor_for_who_reads_the_role() {
    let fixture = migrated().await;
    let (ada, eve) = (add(&fixture.database, "ada").await, add(&fixture.database, "eve").await);
    let mut open = Vec::new();
    for user in [ada, eve] {
        let mut work = fixture.database.begin().await.unwrap();
        let found = work.user(user.id()).await.unwrap().unwrap();
        work.save_user(&found.seen(build::at(60))).await.unwrap();
        work.insert_session(&build::session(user.id()).build()).await.unwrap();
        work.role(&RoleName::USER).await.unwrap();
        open.push(work);
    }
    for name in ["bob", "cyd"] {
        let mut work = fixture.database.begin().await.unwrap();
        work.insert_user(build::user(name).build()).await.unwrap();
        work.role(&RoleName::USER).await.unwrap();
        open.push(work);
    }
    for work in open {
        work.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_role_that_is_read_is_not_changed_before_the_unit_ends() {
    let fixture = migrated().await;
    let mut reading = fixture.database.begin().await.unwrap();
    reading.role(&RoleName::USER).await.unwrap();
    let database = fixture.database.clone();
    let changing = tokio::spawn(async move {
        let allowed: PermissionSet = [Permission::AUDIT_VIEW].into_iter().collect();
        let role = Role { built_in: true, ..Role::custom(RoleName::parse("x").unwrap(), allowed).unwrap() };
        let mut work = database.begin().await.unwrap();
        work.save_role(&Role { name: RoleName::USER, ..role }).await.unwrap();
        work.commit().await.unwrap();
    });
    while fixture.lines("SELECT pid::text FROM pg_locks WHERE NOT granted").await.is_empty() {}
    let before = reading.role(&RoleName::USER).await.unwrap();
    assert_eq!(before, Role::built_in(&RoleName::USER));
    reading.commit().await.unwrap();
    changing.await.unwrap();
}

#[tokio::test]
async fn a_session_that_was_refreshed_while_it_was_waited_for_is_read_as_it_is_then() {
    let fixture = migrated().await;
    let user = add(&fixture.database, "ada").await.id();
    let session = build::session(user).rules(RefreshRules::default()).build();
    let mut work = fixture.database.begin().await.unwrap();
    work.insert_session(&session).await.unwrap();
    work.commit().await.unwrap();
    let mut first = fixture.database.begin().await.unwrap();
    let held = first.session(session.id()).await.unwrap().unwrap();
    let (database, id) = (fixture.database.clone(), session.id());
    let second =
        tokio::spawn(async move { database.begin().await.unwrap().session(id).await.unwrap().unwrap() });
    while fixture.lines("SELECT pid::text FROM pg_locks WHERE NOT granted").await.is_empty() {}
    let ended = held.end(EndReason::LoggedOut, build::at(1));
    assert_eq!(first.save_session(&ended, Generation::FIRST).await.unwrap(), SaveOutcome::Saved);
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), ended);
}
