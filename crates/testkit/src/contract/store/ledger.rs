//! Ledgers of balances.

use std::num::NonZeroI64;

use futures::future::join_all;
use lectern_application::ports::{Constraint, LedgerMismatch, Page, PageRequest};
use lectern_domain::{
    account::{User, UserId, UserParts},
    idempotency::IdempotencyKey,
    ledger::{Adjustment, LedgerEntry, LedgerEntryId, Reason},
    time::Timestamp,
};

use super::{StoreFixture, assert_conflict};
use crate::build::{at, fresh_id, ledger_entry};

/// A time that only microseconds can tell.
const PRECISE: Timestamp = Timestamp::from_micros(1_767_225_600_123_457);

async fn insert(fixture: &StoreFixture, entries: &[LedgerEntry]) {
    let mut work = fixture.unit().await;
    for entry in entries {
        work.insert_entry(entry).await.unwrap();
    }
    work.commit().await.unwrap();
}

async fn ledger(fixture: &StoreFixture, user: UserId, page: u32, size: u32) -> Page<LedgerEntry> {
    let request = PageRequest::new(page, size).unwrap();
    let page = fixture.queries.ledger(user, request).await.unwrap();
    assert_eq!(page.request, request);
    page
}

fn adjustment(amount: i64, key: Option<&str>) -> Adjustment {
    Adjustment {
        id: LedgerEntryId(fresh_id()),
        amount: NonZeroI64::new(amount).unwrap(),
        reason: Reason::parse("because").unwrap(),
        actor: UserId(fresh_id()),
        idempotency_key: key.map(|key| IdempotencyKey::parse(key).unwrap()),
        at: at(1),
    }
}

/// Changes a balance in a unit of its own, unless the ledger has that key.
async fn adjust(fixture: &StoreFixture, user: UserId, adjustment: Adjustment) {
    let mut work = fixture.unit().await;
    let account = work.user(user).await.unwrap().unwrap();
    if let Some(key) = &adjustment.idempotency_key
        && work.entry_by_key(user, key).await.unwrap().is_some()
    {
        return;
    }
    let (account, entry) = account.adjust_balance(adjustment).unwrap();
    work.save_user(&account).await.unwrap();
    work.insert_entry(&entry).await.unwrap();
    work.commit().await.unwrap();
}

async fn balance(fixture: &StoreFixture, user: UserId) -> i64 {
    fixture.queries.account(user).await.unwrap().unwrap().user.parts().balance
}

/// Gives an account a balance that no entry accounts for.
async fn write_balance(fixture: &StoreFixture, user: UserId, balance: i64) {
    let account = fixture.unit().await.user(user).await.unwrap().unwrap();
    let parts = UserParts { balance, ..account.parts().clone() };
    fixture.save_user(&User::from_parts(parts).unwrap()).await;
}

/// Every field comes back, as long and as large as the domain lets it be.
pub async fn every_field_of_an_entry_comes_back(fixture: &StoreFixture) {
    let user = fixture.account().await;
    let longest = "~".repeat(IdempotencyKey::MAX_CHARS);
    let entries = [
        ledger_entry(user, i64::MAX, i64::MAX).key(&longest).created_at(PRECISE).build(),
        ledger_entry(user, -i64::MAX, 0).reason(&"🦊".repeat(Reason::MAX_CHARS)).build(),
        ledger_entry(user, 1, 1).reason("O'Brien; -- \"\\ %_").key("'\\\"%_").build(),
    ];
    insert(fixture, &entries).await;
    let found = ledger(fixture, user, 1, 10).await.items;
    assert_eq!(found, [entries[2].clone(), entries[1].clone(), entries[0].clone()]);
    let key = IdempotencyKey::parse(&longest).unwrap();
    let by_key = fixture.unit().await.entry_by_key(user, &key).await.unwrap();
    assert_eq!(by_key.as_ref(), entries.first());
}

/// The entry added last comes first, whatever the clock said.
pub async fn the_newest_entry_is_listed_first(fixture: &StoreFixture) {
    let user = fixture.account().await;
    let entries: Vec<LedgerEntry> = [3, 1, 1, 2]
        .into_iter()
        .zip(1..)
        .map(|(seconds, after)| ledger_entry(user, 1, after).created_at(at(seconds)).build())
        .collect();
    for entry in &entries {
        insert(fixture, std::slice::from_ref(entry)).await;
    }
    let balances = ledger(fixture, user, 1, 10).await.items;
    let balances: Vec<i64> = balances.iter().map(|entry| entry.parts().balance_after).collect();
    assert_eq!(balances, [4, 3, 2, 1]);
}

/// Pages meet without gap or overlap; beyond the last one the total stays right.
pub async fn a_ledger_comes_in_pages(fixture: &StoreFixture) {
    let user = fixture.account().await;
    let entries: Vec<LedgerEntry> = (1..=5).map(|after| ledger_entry(user, 1, after).build()).collect();
    insert(fixture, &entries).await;
    let mut found = Vec::new();
    for page in 1..=4 {
        let page = ledger(fixture, user, page, 2).await;
        assert_eq!((page.total, page.pages()), (5, 3));
        found.extend(page.items.into_iter().map(|entry| entry.parts().balance_after));
    }
    assert_eq!(found, [5, 4, 3, 2, 1]);
}

/// An account has its own ledger, and no other's.
pub async fn only_ones_own_entries_are_listed(fixture: &StoreFixture) {
    let (ada, bob) = (fixture.account().await, fixture.account().await);
    insert(fixture, &[ledger_entry(ada, 1, 1).build(), ledger_entry(bob, 2, 2).build()]).await;
    let found = ledger(fixture, bob, 1, 10).await;
    assert_eq!(found.total, 1);
    assert!(found.items.iter().all(|entry| entry.parts().user == bob));
    let nobody = ledger(fixture, UserId(fresh_id()), 1, 10).await;
    assert_eq!((nobody.total, nobody.items.len()), (0, 0));
}

/// A second entry of an account under the same key MUST conflict.
pub async fn a_ledger_has_a_key_once(fixture: &StoreFixture) {
    let user = fixture.account().await;
    insert(fixture, &[ledger_entry(user, 1, 1).key("k").build()]).await;
    let again = fixture.unit().await.insert_entry(&ledger_entry(user, 2, 3).key("k").build()).await;
    assert_conflict(&again, &Constraint::LedgerKey);
    assert_eq!(ledger(fixture, user, 1, 10).await.total, 1);
}

/// Keys are compared letter by letter, each ledger has its own, and entries without one never conflict.
pub async fn other_keys_do_not_conflict_in_a_ledger(fixture: &StoreFixture) {
    let (ada, bob) = (fixture.account().await, fixture.account().await);
    let entries = [
        ledger_entry(ada, 1, 1).key("k").build(),
        ledger_entry(ada, 1, 2).key("K").build(),
        ledger_entry(bob, 1, 1).key("k").build(),
        ledger_entry(ada, 1, 3).build(),
        ledger_entry(ada, 1, 4).build(),
    ];
    insert(fixture, &entries).await;
    let key = IdempotencyKey::parse("k").unwrap();
    let mut work = fixture.unit().await;
    assert_eq!(work.entry_by_key(bob, &key).await.unwrap().as_ref(), entries.get(2));
    let unknown = IdempotencyKey::parse("unknown").unwrap();
    assert_eq!(work.entry_by_key(ada, &unknown).await.unwrap(), None);
}

/// Balance and entry are one unit: neither is there without the other.
pub async fn a_balance_and_its_entry_are_one(fixture: &StoreFixture) {
    let user = fixture.account().await;
    let mut work = fixture.unit().await;
    let account = work.user(user).await.unwrap().unwrap();
    let (account, entry) = account.adjust_balance(adjustment(5, None)).unwrap();
    work.save_user(&account).await.unwrap();
    work.insert_entry(&entry).await.unwrap();
    drop(work);
    assert_eq!((balance(fixture, user).await, ledger(fixture, user, 1, 10).await.total), (0, 0));

    adjust(fixture, user, adjustment(5, None)).await;
    assert_eq!((balance(fixture, user).await, ledger(fixture, user, 1, 10).await.total), (5, 1));
}

/// No unit loses another's change of the same balance.
pub async fn concurrent_units_add_up(fixture: &StoreFixture) {
    let user = fixture.account().await;
    join_all((1..=50).map(|amount| adjust(fixture, user, adjustment(amount, None)))).await;
    assert_eq!(balance(fixture, user).await, 50 * 51 / 2);
    assert_eq!(fixture.queries.ledger_mismatches().await.unwrap(), []);
}

/// Of many units that look for a key before they add it, one adds it.
pub async fn concurrent_units_use_a_ledgers_key_once(fixture: &StoreFixture) {
    let user = fixture.account().await;
    join_all((0..50).map(|_| adjust(fixture, user, adjustment(7, Some("k"))))).await;
    assert_eq!((balance(fixture, user).await, ledger(fixture, user, 1, 10).await.total), (7, 1));
}

/// A ledger that adds up is no mismatch, and neither is an account without entries and balance.
pub async fn a_sound_ledger_has_no_mismatch(fixture: &StoreFixture) {
    fixture.account().await;
    let user = fixture.account().await;
    for amount in [i64::MAX, -i64::MAX, 5, -3] {
        adjust(fixture, user, adjustment(amount, None)).await;
    }
    assert_eq!(fixture.queries.ledger_mismatches().await.unwrap(), []);
}

/// A balance that its entries don't add up to is found, with both figures, and sound accounts are not.
pub async fn a_balance_without_entries_is_a_mismatch(fixture: &StoreFixture) {
    let (sound, without, partly) =
        (fixture.account().await, fixture.account().await, fixture.account().await);
    adjust(fixture, sound, adjustment(5, None)).await;
    adjust(fixture, partly, adjustment(1 << 40, None)).await;
    write_balance(fixture, without, 1 << 33).await;
    write_balance(fixture, partly, (1 << 40) + 1).await;
    let mut found = fixture.queries.ledger_mismatches().await.unwrap();
    found.sort_by_key(|mismatch| mismatch.balance);
    assert_eq!(
        found,
        [
            LedgerMismatch { user: without, balance: 1 << 33, sum: 0 },
            LedgerMismatch { user: partly, balance: (1 << 40) + 1, sum: 1 << 40 },
        ]
    );
}

/// Entries that add up to more than a balance can be are counted exactly, not an error.
pub async fn a_sum_beyond_all_balances_is_a_mismatch(fixture: &StoreFixture) {
    let (over, under) = (fixture.account().await, fixture.account().await);
    let full = |user| ledger_entry(user, i64::MAX, i64::MAX).build();
    let emptied = |user| ledger_entry(user, -i64::MAX, 0).build();
    insert(fixture, &[full(over), full(over), emptied(under), emptied(under)]).await;
    let mut found = fixture.queries.ledger_mismatches().await.unwrap();
    found.sort_by_key(|mismatch| mismatch.sum);
    let twice = 2 * i128::from(i64::MAX);
    assert_eq!(
        found,
        [
            LedgerMismatch { user: under, balance: 0, sum: -twice },
            LedgerMismatch { user: over, balance: 0, sum: twice },
        ]
    );
}
