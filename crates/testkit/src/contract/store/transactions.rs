//! What a unit of work promises, whatever happens in it.

use futures::{FutureExt, future::join_all};
use lectern_application::ports::Constraint;
use lectern_domain::account::{NewUser, User, UserId, UserParts};

use super::{StoreFixture, assert_conflict, unique_name};
use crate::{
    build::{session, user},
    contract::without_hanging,
};

fn someone() -> NewUser {
    user(&unique_name()).build()
}

async fn is_stored(fixture: &StoreFixture, id: UserId) -> bool {
    fixture.queries.account(id).await.unwrap().is_some()
}

/// Dropped without commit, everything MUST be rolled back.
pub async fn a_dropped_unit_is_rolled_back(fixture: &StoreFixture) {
    let mut work = fixture.unit().await;
    let id = work.insert_user(someone()).await.unwrap().id();
    drop(work);

    assert!(!is_stored(fixture, id).await);
    assert_eq!(fixture.unit().await.user(id).await.unwrap(), None);
}

/// Dropped even in the middle of a call, everything MUST be rolled back and the connection fit for the next unit.
pub async fn a_unit_dropped_in_the_middle_of_a_call_is_rolled_back(fixture: &StoreFixture) {
    let (before, during) = (someone(), someone());
    let mut work = fixture.unit().await;
    work.insert_user(before.clone()).await.unwrap();
    let _ = work.insert_user(during.clone()).now_or_never();
    drop(work);

    let mut work = without_hanging(fixture.unit()).await;
    assert_eq!(work.user(before.id).await.unwrap(), None);
    assert_eq!(work.user(during.id).await.unwrap(), None);
    work.insert_user(before.clone()).await.unwrap();
    work.insert_user(during.clone()).await.unwrap();
    work.commit().await.unwrap();
    assert!(is_stored(fixture, before.id).await && is_stored(fixture, during.id).await);
}

/// A commit that nobody waits for stores everything or nothing, and doesn't stand in the way.
pub async fn a_dropped_commit_is_all_or_nothing(fixture: &StoreFixture) {
    let (first, second) = (someone(), someone());
    let mut work = fixture.unit().await;
    work.insert_user(first.clone()).await.unwrap();
    work.insert_user(second.clone()).await.unwrap();
    let _ = work.commit().now_or_never();

    let mut work = without_hanging(fixture.unit()).await;
    let first = work.user(first.id).await.unwrap();
    let second = work.user(second.id).await.unwrap();
    assert_eq!(first.is_some(), second.is_some());
}

/// Whoever stops waiting for a unit doesn't keep others from theirs.
pub async fn nobody_waits_for_who_stopped_waiting(fixture: &StoreFixture) {
    let first = fixture.unit().await;
    let _ = fixture.transactions.begin().now_or_never();
    drop(first);

    let mut work = without_hanging(fixture.unit()).await;
    let id = work.insert_user(someone()).await.unwrap().id();
    work.commit().await.unwrap();
    assert!(is_stored(fixture, id).await);
}

/// After a failed call `commit` MUST err, and so nothing is stored.
pub async fn a_failed_call_dooms_the_unit(fixture: &StoreFixture) {
    let name = unique_name();
    fixture.insert_user(user(&name).build()).await;

    let mut work = fixture.unit().await;
    let id = work.insert_user(someone()).await.unwrap().id();
    assert_conflict(&work.insert_user(user(&name).build()).await, &Constraint::Username);
    assert!(work.commit().await.is_err());
    assert!(!is_stored(fixture, id).await);
}

/// A doomed unit stays doomed, even if calls after the failed one go well.
pub async fn nothing_saves_a_doomed_unit(fixture: &StoreFixture) {
    let name = unique_name();
    fixture.insert_user(user(&name).build()).await;

    let mut work = fixture.unit().await;
    assert_conflict(&work.insert_user(user(&name).build()).await, &Constraint::Username);
    let after = someone();
    // Whether a doomed unit still answers is its own affair.
    let _ = work.insert_user(after.clone()).await;
    assert!(work.commit().await.is_err());
    assert!(!is_stored(fixture, after.id).await);
}

/// The next unit has nothing to do with a doomed one.
pub async fn the_unit_after_a_doomed_one_works(fixture: &StoreFixture) {
    let name = unique_name();
    fixture.insert_user(user(&name).build()).await;
    let mut work = fixture.unit().await;
    assert_conflict(&work.insert_user(user(&name).build()).await, &Constraint::Username);
    assert!(work.commit().await.is_err());

    let id = fixture.account().await;
    assert!(is_stored(fixture, id).await);
}

/// Nothing of a unit MUST be visible before its commit; and reads don't wait for it.
pub async fn an_open_unit_is_invisible_and_in_nobodys_way(fixture: &StoreFixture) {
    let account = fixture.account().await;
    let mut work = fixture.unit().await;
    let id = work.insert_user(someone()).await.unwrap().id();
    let opened = session(account).build();
    work.insert_session(&opened).await.unwrap();

    assert!(!without_hanging(is_stored(fixture, id)).await);
    assert_eq!(without_hanging(fixture.queries.session(opened.id())).await.unwrap(), None);
    assert!(without_hanging(is_stored(fixture, account)).await);
    work.commit().await.unwrap();
}

/// Everything of a unit MUST be visible once its commit has answered: to reads and to the next unit.
pub async fn a_committed_unit_is_visible(fixture: &StoreFixture) {
    let mut work = fixture.unit().await;
    let stored = work.insert_user(someone()).await.unwrap();
    work.commit().await.unwrap();

    let account = fixture.queries.account(stored.id()).await.unwrap();
    assert_eq!(account.map(|account| account.user), Some(stored.clone()));
    assert_eq!(fixture.unit().await.user(stored.id()).await.unwrap(), Some(stored));
}

/// A unit sees what it did itself.
pub async fn a_unit_sees_its_own_changes(fixture: &StoreFixture) {
    let mut work = fixture.unit().await;
    let stored = work.insert_user(someone()).await.unwrap();
    let seen = stored.clone().seen(crate::build::at(60));
    work.save_user(&seen).await.unwrap();
    assert_eq!(work.user(stored.id()).await.unwrap(), Some(seen));
}

/// A row read in a unit MUST NOT be changed by another before this one ends: no update is lost.
pub async fn no_update_is_lost_between_units(fixture: &StoreFixture) {
    let id = fixture.account().await;
    let units = (0..20).map(|_| {
        let transactions = fixture.transactions.clone();
        tokio::spawn(async move {
            let mut work = transactions.begin().await.unwrap();
            let user = work.user(id).await.unwrap().unwrap();
            let balance = user.parts().balance + 1;
            let richer = User::from_parts(UserParts { balance, ..user.parts().clone() }).unwrap();
            work.save_user(&richer).await.unwrap();
            work.commit().await.unwrap();
        })
    });
    without_hanging(join_all(units)).await.into_iter().for_each(|done| done.unwrap());

    let account = fixture.queries.account(id).await.unwrap().unwrap();
    assert_eq!(account.user.parts().balance, 20);
}

/// Many at once all get their turn.
pub async fn fifty_concurrent_units_all_commit(fixture: &StoreFixture) {
    let units = (0..50).map(|_| {
        let transactions = fixture.transactions.clone();
        tokio::spawn(async move {
            let mut work = transactions.begin().await.unwrap();
            let id = work.insert_user(someone()).await.unwrap().id();
            work.commit().await.unwrap();
            id
        })
    });
    for id in without_hanging(join_all(units)).await {
        assert!(is_stored(fixture, id.unwrap()).await);
    }
}

/// The database answers.
pub async fn a_working_database_answers_a_ping(fixture: &StoreFixture) {
    fixture.queries.ping().await.unwrap();
}
