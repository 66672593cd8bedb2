//! What is noticed about an installation that is not sound.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{net::IpAddr, num::NonZeroI64, time::Duration};

use lectern_application::{
    maintenance::{ClockReading, SignIns},
    ports::Transactions as _,
};
use lectern_domain::{
    audit::Origin,
    ledger::{Adjustment, LedgerEntryId, Reason},
    time::Timestamp,
};
use lectern_testkit::{
    build::{at, fresh_id},
    clock::START,
    world::{
        World,
        steps::{PASSWORD, login_input, origin},
    },
};

async fn sign_in_from(world: &World, addresses: &[&str]) -> SignIns {
    for address in addresses {
        let origin = Origin { ip: Some(address.parse::<IpAddr>().unwrap()), ..origin() };
        world.log_in().execute(login_input("ada", PASSWORD), &origin).await.unwrap();
    }
    world.examine().execute().await.sign_ins.unwrap()
}

#[tokio::test]
async fn a_sound_installation_has_nothing_to_tell() {
    let world = World::new();
    world.admin("root").await;
    let found = world.examine().execute().await;
    assert_eq!(found.ledgers.unwrap(), []);
    assert_eq!(found.broken_roles.unwrap(), []);
    assert_eq!(found.administrators.unwrap(), 1);
    assert_eq!(found.clock.unwrap(), ClockReading::Plausible);
    assert_eq!(found.sign_ins.unwrap(), SignIns::Few);
}

#[tokio::test]
async fn a_balance_that_its_entries_do_not_explain_is_named() {
    let world = World::new();
    let ada = world.sign_up("ada").await.user;
    let adjustment = Adjustment {
        id: LedgerEntryId(fresh_id()),
        amount: NonZeroI64::new(7).unwrap(),
        reason: Reason::parse("a gift").unwrap(),
        actor: ada.id(),
        idempotency_key: None,
        at: at(1),
    };
    let (richer, _entry_that_gets_lost) = ada.adjust_balance(adjustment).unwrap();
    let mut work = world.database.begin().await.unwrap();
    work.save_user(&richer).await.unwrap();
    work.commit().await.unwrap();
    let found = world.examine().execute().await.ledgers.unwrap();
    assert_eq!(
        found.iter().map(|one| (one.user, one.balance, one.sum)).collect::<Vec<_>>(),
        [(richer.id(), 7, 0)]
    );
}

#[tokio::test]
async fn a_clock_that_was_set_back_is_noticed() {
    let world = World::new();
    world.clock.advance(Duration::from_hours(1));
    world.sign_up("ada").await;
    world.clock.set(START.plus(Duration::from_secs(3590)));
    assert_eq!(world.examine().execute().await.clock.unwrap(), ClockReading::Plausible);
    world.clock.set(START);
    let by = Duration::from_hours(1);
    assert_eq!(world.examine().execute().await.clock.unwrap(), ClockReading::SetBack { by });
}

#[tokio::test]
async fn a_clock_of_another_age_is_noticed() {
    let world = World::new();
    for seconds in [0, 1_767_225_599, 4_102_444_800] {
        world.clock.set(Timestamp::from_micros(seconds * 1_000_000));
        assert_eq!(world.examine().execute().await.clock.unwrap(), ClockReading::OfAnotherAge, "{seconds}");
    }
}

#[tokio::test]
async fn everybody_coming_from_one_private_address_may_be_a_proxys_doing() {
    for address in ["127.0.0.1", "10.1.2.3", "::1", "fd00::7", "::ffff:192.168.1.1"] {
        let world = World::new();
        world.sign_up("ada").await;
        assert_eq!(sign_in_from(&world, &[address, address]).await, SignIns::Few, "{address}");
        let one = address.parse::<IpAddr>().unwrap().to_canonical();
        assert_eq!(sign_in_from(&world, &[address]).await, SignIns::FromOnePrivateAddress(one));
    }
}

#[tokio::test]
async fn people_coming_from_several_addresses_or_from_the_internet_are_no_proxys_doing() {
    for addresses in [["10.1.2.3", "10.1.2.3", "10.1.2.4"], ["203.0.113.7"; 3], ["2001:db8::1"; 3]] {
        let world = World::new();
        world.sign_up("ada").await;
        assert_eq!(sign_in_from(&world, &addresses).await, SignIns::FromElsewhere, "{addresses:?}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_for_each_part() {
    let world = World::new();
    world.database.break_down();
    let found = world.examine().execute().await;
    assert!(found.ledgers.is_err() && found.broken_roles.is_err() && found.administrators.is_err());
    assert!(found.clock.is_err() && found.sign_ins.is_err());
}
