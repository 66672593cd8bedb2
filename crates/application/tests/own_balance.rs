//! Balances that their holders change themselves.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::num::NonZeroI64;

use futures::future::join_all;
use lectern_application::{
    Caller, UseCaseError,
    auth::LoginInput,
    balance::{AdjustBalanceInput, AdjustOwnBalanceInput},
    ports::PageRequest,
};
use lectern_domain::{
    access::Principal, account::UserId, audit::AuditKind, idempotency::IdempotencyKey, ledger::Reason,
    surface::Surface,
};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};

/// Somebody who signed in through that surface.
async fn through(world: &World, surface: Surface, username: &str) -> Caller {
    let input = LoginInput { surface, ..login_input(username, PASSWORD) };
    world.caller(&world.log_in().execute(input, &origin()).await.unwrap()).await
}

/// Ada, who signed in through the form.
async fn ada(world: &World) -> Caller {
    world.sign_up("ada").await;
    through(world, Surface::FastapiAuth, "ada").await
}

async fn change(world: &World, caller: &Caller, amount: i64, key: Option<&str>) -> Result<i64, &'static str> {
    let idempotency_key = key.map(|key| IdempotencyKey::parse(key).unwrap());
    let input = AdjustOwnBalanceInput { amount, idempotency_key };
    world.adjust_own_balance().execute(caller, input).await.map_err(|error| error.code())
}

async fn entries(world: &World, caller: &Caller) -> u64 {
    world.list_own_ledger().execute(caller, PageRequest::FIRST).await.unwrap().total
}

#[tokio::test]
async fn holders_add_and_take_and_the_ledger_tells() {
    let world = World::new();
    let ada = ada(&world).await;
    assert_eq!(change(&world, &ada, 100, None).await, Ok(100));
    assert_eq!(change(&world, &ada, -30, None).await, Ok(70));
    assert_eq!(world.read_own_balance().execute(&ada).await.unwrap(), 70);
    let entry = world.list_own_ledger().execute(&ada, PageRequest::FIRST).await.unwrap().items.remove(0);
    let entry = entry.parts();
    assert_eq!((entry.amount.get(), entry.balance_after, entry.actor), (-30, 70, ada.principal.user));
    assert_eq!(entry.reason, Reason::own_change());
    let last = world.database.audit_log().pop().unwrap();
    assert_eq!(last.kind, AuditKind::BalanceChanged { amount: -30, balance_after: 70 });
}

#[tokio::test]
async fn a_balance_is_neither_below_zero_nor_beyond_what_can_be_counted() {
    let world = World::new();
    let ada = ada(&world).await;
    assert_eq!(change(&world, &ada, -1, None).await, Err("insufficient_balance"));
    assert_eq!(change(&world, &ada, i64::MAX, None).await, Ok(i64::MAX));
    assert_eq!(change(&world, &ada, 1, None).await, Err("balance_overflow"));
    assert_eq!(entries(&world, &ada).await, 1);
}

#[tokio::test]
async fn a_change_of_nothing_answers_the_balance_and_leaves_no_entry() {
    let world = World::new();
    let ada = ada(&world).await;
    change(&world, &ada, 5, None).await.unwrap();
    assert_eq!(change(&world, &ada, 0, None).await, Ok(5));
    assert_eq!(entries(&world, &ada).await, 1);
}

#[tokio::test]
async fn a_change_is_made_once_under_its_key() {
    let world = World::new();
    let ada = ada(&world).await;
    for _ in 0..3 {
        assert_eq!(change(&world, &ada, 10, Some("k")).await, Ok(10));
        change(&world, &ada, 1, None).await.unwrap();
    }
    assert_eq!(change(&world, &ada, 11, Some("k")).await, Err("idempotency_key_reused"));
    assert_eq!(entries(&world, &ada).await, 4);
}

#[tokio::test]
async fn the_key_of_an_administrators_change_is_taken() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, ada(&world).await);
    let input = AdjustBalanceInput {
        user: ada.principal.user,
        amount: NonZeroI64::new(10).unwrap(),
        reason: Reason::parse("a prize").unwrap(),
        idempotency_key: IdempotencyKey::parse("k").ok(),
    };
    world.adjust_balance().execute(&root, input).await.unwrap();
    assert_eq!(change(&world, &ada, 10, Some("k")).await, Err("idempotency_key_reused"));
}

#[tokio::test]
async fn nobody_changes_their_balance_with_a_session_of_another_surface() {
    let world = World::new();
    world.sign_up("ada").await;
    for surface in Surface::ALL.into_iter().filter(|surface| *surface != Surface::FastapiAuth) {
        let ada = through(&world, surface, "ada").await;
        assert_eq!(change(&world, &ada, 1, None).await, Err("balance_not_changeable"), "{surface:?}");
    }
}

#[tokio::test]
async fn guests_do_not_change_the_balance_of_the_account_that_they_share() {
    let world = World::new();
    let ada = ada(&world).await;
    let guest = Caller { principal: Principal { user: UserId::GUEST, ..ada.principal }, origin: origin() };
    assert_eq!(change(&world, &guest, 1, None).await, Err("account_shared"));
}

#[tokio::test]
async fn administrators_do_not_change_their_own() {
    let world = World::new();
    world.admin("root").await;
    let root = through(&world, Surface::FastapiAuth, "root").await;
    assert_eq!(change(&world, &root, 1, None).await, Err("administrators_balance"));
}

#[tokio::test]
async fn who_was_blocked_since_the_request_was_let_in_changes_nothing() {
    let world = World::new();
    let (root, ada) = (world.admin("root").await, ada(&world).await);
    world.block_account().execute(&root, ada.principal.user).await.unwrap();
    assert_eq!(change(&world, &ada, 1, None).await, Err("session_revoked"));
}

#[tokio::test]
async fn of_many_who_spend_at_once_only_as_many_succeed_as_there_is_money_for() {
    let world = World::new();
    let ada = ada(&world).await;
    change(&world, &ada, 30, None).await.unwrap();
    let spent = join_all((0..50).map(|_| change(&world, &ada, -1, None))).await;
    assert_eq!(spent.iter().filter(|answer| answer.is_ok()).count(), 30);
    assert_eq!(world.read_own_balance().execute(&ada).await.unwrap(), 0);
    assert_eq!(entries(&world, &ada).await, 31);
}
