//! Administrators who turn on each other: what the promises about counting accounts are for.

use std::sync::Arc;

use lectern_application::{
    Caller,
    accounts::{BlockAccount, DeleteAccount, SetRole},
};
use lectern_domain::{
    access::{Principal, RoleName, RolePermissions},
    account::{User, UserId, UserParts},
    audit::Origin,
};

use super::{StoreFixture, unique_name};
use crate::{
    build::{session, user},
    clock::FakeClock,
    ids::SequentialIds,
};

/// Two administrators, signed in.
async fn two_administrators(fixture: &StoreFixture) -> [Caller; 2] {
    let mut work = fixture.unit().await;
    let mut callers = Vec::new();
    for _ in 0..2 {
        let user = user(&unique_name()).role(RoleName::ADMIN).build();
        let user = work.insert_user(user).await.unwrap();
        let session = session(user.id()).build();
        work.insert_session(&session).await.unwrap();
        let principal = Principal {
            user: user.id(),
            number: user.parts().number,
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
async fn turn_on(of: SetRole, way: u32, caller: Caller, other: UserId) -> bool {
    let SetRole { transactions, clock, ids } = of;
    match way % 3 {
        0 => SetRole { transactions, clock, ids }.execute(&caller, other, RoleName::USER).await.is_ok(),
        1 => BlockAccount { transactions, clock, ids }.execute(&caller, other).await.is_ok(),
        _ => DeleteAccount { transactions, clock, ids }.execute(&caller, other).await.is_ok(),
    }
}

/// Makes users of them, whatever they are.
async fn dismiss(fixture: &StoreFixture, administrators: [UserId; 2]) {
    let mut work = fixture.unit().await;
    for id in administrators {
        let user = work.user(id).await.unwrap().unwrap();
        let user = User::from_parts(UserParts { role: RoleName::USER, ..user.parts().clone() }).unwrap();
        work.save_user(&user).await.unwrap();
    }
    work.commit().await.unwrap();
}

/// Until a unit that counted has ended, no other may change the answer: so one of two always stays.
pub async fn of_two_administrators_who_turn_on_each_other_at_once_one_stays(fixture: &StoreFixture) {
    let (clock, ids) = (Arc::new(FakeClock::default()), Arc::new(SequentialIds::series(1)));
    let ports =
        SetRole { transactions: fixture.transactions.clone(), clock: clock.clone(), ids: ids.clone() };
    for way in 0..12 {
        let [one, two] = two_administrators(fixture).await;
        let (first, second) = (one.principal.user, two.principal.user);
        let tasks = [(way, one, second), (way + way / 3, two, first)]
            .map(|(way, caller, other)| tokio::spawn(turn_on(ports.clone(), way, caller, other)));
        let mut done = 0;
        for task in tasks {
            done += usize::from(task.await.unwrap());
        }
        let left = fixture.unit().await.count_active_users(&RoleName::ADMIN).await.unwrap();
        assert_eq!((done, left), (1, 1), "way {way}");
        dismiss(fixture, [first, second]).await;
    }
}
