//! Administrators who turn on each other, on the real store.

use std::sync::Arc;

use lectern_application::{
    Caller,
    accounts::{BlockAccount, DeleteAccount, SetRole},
    ports::Transactions,
};
use lectern_domain::{
    access::{Principal, RoleName, RolePermissions},
    account::UserId,
    audit::Origin,
};
use lectern_testkit::{build, clock::FakeClock, ids::SequentialIds};

use crate::fixture::{Fixture, migrated};

/// Two administrators, signed in.
async fn two_administrators(fixture: &Fixture) -> [Caller; 2] {
    let mut work = fixture.database.begin().await.unwrap();
    let mut callers = Vec::new();
    for name in ["one", "two"] {
        let user = work.insert_user(build::user(name).role(RoleName::ADMIN).build()).await.unwrap();
        let session = build::session(user.id()).build();
        work.insert_session(&session).await.unwrap();
        let principal = Principal {
            user: user.id(),
            session: session.id(),
            role: RoleName::ADMIN,
            permissions: RolePermissions::All,
            can_interact: true,
        };
        callers.push(Caller { principal, origin: Origin::default() });
    }
    work.commit().await.unwrap();
    callers.try_into().unwrap()
}

/// What one does to the other, and whether it was done.
async fn turn_on(fixture: &Fixture, way: u32, caller: Caller, other: UserId) -> bool {
    let transactions: Arc<dyn Transactions> = fixture.database.clone();
    let (clock, ids) = (Arc::new(FakeClock::default()), Arc::new(SequentialIds::series(u64::from(way) + 1)));
    match way % 3 {
        0 => SetRole { transactions, clock, ids }.execute(&caller, other, RoleName::USER).await.is_ok(),
        1 => BlockAccount { transactions, clock, ids }.execute(&caller, other).await.is_ok(),
        _ => DeleteAccount { transactions, clock, ids }.execute(&caller, other).await.is_ok(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_administrators_who_turn_on_each_other_at_once_one_stays() {
    for way in 0..12 {
        let fixture = Arc::new(migrated().await);
        let [one, two] = two_administrators(&fixture).await;
        let (first, second) = (one.principal.user, two.principal.user);
        let tasks = [(way, one, second), (way + way / 3, two, first)].map(|(way, caller, other)| {
            let fixture = fixture.clone();
            tokio::spawn(async move { turn_on(&fixture, way, caller, other).await })
        });
        let mut done = 0;
        for task in tasks {
            done += usize::from(task.await.unwrap());
        }
        let mut work = fixture.database.begin().await.unwrap();
        let left = work.count_active_users(&RoleName::ADMIN).await.unwrap();
        assert_eq!((done, left), (1, 1), "way {way}");
    }
}
