//! What idempotency keys were used for.

use std::time::Duration;

use futures::future::join_all;
use lectern_application::ports::Constraint;
use lectern_domain::{
    access::RoleName,
    account::UserId,
    idempotency::{Created, IdempotencyKey, IdempotencyRecord, KeyOwner, Operation},
    time::Timestamp,
    transcription::{Sha256, TranscriptionId},
};

use super::{StoreFixture, assert_conflict, unique_name};
use crate::build::{at, fresh_id, key_record, key_use, user};

async fn insert(fixture: &StoreFixture, record: &IdempotencyRecord) {
    let mut work = fixture.unit().await;
    work.insert_key(record).await.unwrap();
    work.commit().await.unwrap();
}

async fn purge(fixture: &StoreFixture, before: Timestamp, limit: u32) -> u32 {
    let mut work = fixture.unit().await;
    let purged = work.purge_keys(before, limit).await.unwrap();
    work.commit().await.unwrap();
    purged
}

/// Some use of a key, its owner's only one.
fn some_record(at: Timestamp) -> IdempotencyRecord {
    key_record(key_use(KeyOwner::Account(UserId(fresh_id())), Operation::CreateRole, "k"), at)
}

/// Every field comes back, for each kind of thing and each operation.
pub async fn every_field_of_a_key_record_comes_back(fixture: &StoreFixture) {
    let longest = "~".repeat(IdempotencyKey::MAX_CHARS);
    let things = [
        Created::Account(UserId(fresh_id())),
        Created::Role(RoleName::parse(&format!("r{}", "-".repeat(63))).unwrap()),
        Created::Transcription(TranscriptionId(fresh_id())),
    ];
    let owners = [KeyOwner::Anybody, KeyOwner::Account(UserId(fresh_id()))];
    for (number, created) in (0_u8..).zip(things) {
        for (owner, operation) in owners.into_iter().flat_map(|owner| Operation::ALL.map(|it| (owner, it))) {
            let record = IdempotencyRecord {
                used: key_use(owner, operation, &format!("{number}{}", &longest[1..])),
                fingerprint: Sha256([number; 32]),
                created: created.clone(),
                created_at: Timestamp::from_micros(1_767_225_600_123_457),
            };
            insert(fixture, &record).await;
            assert_eq!(fixture.queries.key_record(&record.used).await.unwrap(), Some(record));
        }
    }
}

/// A key that was not used is no error.
pub async fn an_unused_key_has_no_record(fixture: &StoreFixture) {
    let unused = some_record(at(1)).used;
    assert_eq!(fixture.queries.key_record(&unused).await.unwrap(), None);
}

/// A second record of the same use MUST conflict, whatever else it says.
pub async fn a_key_is_used_once(fixture: &StoreFixture) {
    for owner in [KeyOwner::Anybody, KeyOwner::Account(UserId(fresh_id()))] {
        let first = key_record(key_use(owner, Operation::Register, "k"), at(1));
        insert(fixture, &first).await;
        let second = IdempotencyRecord {
            fingerprint: Sha256([9; 32]),
            created: Created::Role(RoleName::USER),
            created_at: at(2),
            ..first.clone()
        };
        let refused = fixture.unit().await.insert_key(&second).await;
        assert_conflict(&refused, &Constraint::IdempotencyKey);
        assert_eq!(fixture.queries.key_record(&first.used).await.unwrap(), Some(first));
    }
}

/// The same text is another key for everybody else, for everything else, and in other letter case.
pub async fn other_uses_of_a_key_do_not_conflict(fixture: &StoreFixture) {
    let (ada, bob) = (KeyOwner::Account(UserId(fresh_id())), KeyOwner::Account(UserId(fresh_id())));
    let uses = [
        key_use(ada, Operation::CreateRole, "k"),
        key_use(bob, Operation::CreateRole, "k"),
        key_use(KeyOwner::Anybody, Operation::CreateRole, "k"),
        key_use(ada, Operation::CreateUser, "k"),
        key_use(ada, Operation::CreateRole, "K"),
    ];
    for used in uses {
        insert(fixture, &key_record(used, at(1))).await;
    }
}

/// A key is used up only together with what it made.
pub async fn a_key_is_part_of_its_unit(fixture: &StoreFixture) {
    let (record, new) = (some_record(at(1)), user(&unique_name()).build());
    let mut work = fixture.unit().await;
    work.insert_key(&record).await.unwrap();
    work.insert_user(new).await.unwrap();
    assert_eq!(fixture.queries.key_record(&record.used).await.unwrap(), None);
    drop(work);
    assert_eq!(fixture.queries.key_record(&record.used).await.unwrap(), None);
    insert(fixture, &record).await;
}

/// Of many units that add the same use, one commits. The others MUST wait for its end, and conflict.
pub async fn concurrent_units_use_a_key_once(fixture: &StoreFixture) {
    let used = some_record(at(1)).used;
    let outcomes = join_all((0..50).map(|_| async {
        let mut work = fixture.unit().await;
        let new = work.insert_key(&key_record(used.clone(), at(1))).await;
        if new.is_ok() {
            work.insert_user(user(&unique_name()).build()).await.unwrap();
            work.commit().await.unwrap();
        } else {
            assert_conflict(&new, &Constraint::IdempotencyKey);
        }
        new.is_ok()
    }));
    assert_eq!(outcomes.await.into_iter().filter(|made| *made).count(), 1);
}

/// A key that was removed can be used anew. Removing one that isn't there MUST be no error.
pub async fn a_removed_key_can_be_used_anew(fixture: &StoreFixture) {
    let (record, other) = (some_record(at(1)), some_record(at(1)));
    insert(fixture, &record).await;
    insert(fixture, &other).await;
    for _ in 0..2 {
        let mut work = fixture.unit().await;
        work.remove_key(&record.used).await.unwrap();
        work.commit().await.unwrap();
    }
    assert_eq!(fixture.queries.key_record(&record.used).await.unwrap(), None);
    assert!(fixture.queries.key_record(&other.used).await.unwrap().is_some());
    insert(fixture, &record).await;
}

/// Records from before the cut-off are purged, those of that very moment are not.
pub async fn purging_keys_spares_the_cut_off(fixture: &StoreFixture) {
    for time in [at(50).minus(Duration::from_micros(1)), at(50), at(51)] {
        insert(fixture, &some_record(time)).await;
    }
    assert_eq!(purge(fixture, at(50), 10).await, 1);
    assert_eq!(purge(fixture, at(51), 10).await, 1);
    assert_eq!(purge(fixture, at(52), 10).await, 1);
}

/// At most `limit` go at once, and the answer says how many went.
pub async fn purging_keys_keeps_to_its_limit(fixture: &StoreFixture) {
    for seconds in 1..=5 {
        insert(fixture, &some_record(at(seconds))).await;
    }
    assert_eq!(purge(fixture, at(50), 0).await, 0);
    assert_eq!(purge(fixture, at(50), 3).await, 3);
    assert_eq!(purge(fixture, at(50), 3).await, 2);
    assert_eq!(purge(fixture, at(50), 3).await, 0);
}
