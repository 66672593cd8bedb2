//! The same request twice at the same moment, and requests that are given up in the middle.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{future::Future, num::NonZeroI64, time::Duration};

use futures::{FutureExt, future::join_all};
use lectern_application::{
    Caller, UseCaseError,
    accounts::EnsureAdminInput,
    auth::RegisterInput,
    balance::AdjustBalanceInput,
    ports::{Queries, Transactions},
    transcriptions::SubmitInput,
};
use lectern_domain::{
    account::{Password, UserId, Username},
    idempotency::{IdempotencyKey, KeyOwner, Operation},
    ledger::Reason,
    transcription::RecordingKinds,
};
use lectern_testkit::{
    build::key_use,
    world::{
        World,
        steps::{PASSWORD, origin, register_input},
    },
};

fn key() -> Option<IdempotencyKey> {
    IdempotencyKey::parse("k").ok()
}

/// Runs all of them until each waits for the database, which somebody else is writing to: each has looked for its key,
/// and none has found it.
async fn at_once<T>(world: &World, requests: impl IntoIterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let busy = world.database.begin().await.unwrap();
    let mut all = Box::pin(join_all(requests));
    assert!((&mut all).now_or_never().is_none());
    drop(busy);
    all.await
}

async fn admin(world: &World) -> Caller {
    let input = EnsureAdminInput {
        username: Username::parse("root").ok(),
        email: None,
        password: Password::new(PASSWORD.to_owned()).unwrap(),
    };
    world.ensure_admin().execute(input).await.unwrap();
    world.caller(&world.sign_in("root").await).await
}

fn adjustment(user: UserId) -> AdjustBalanceInput {
    AdjustBalanceInput {
        user,
        amount: NonZeroI64::new(7).unwrap(),
        reason: Reason::parse("prize").unwrap(),
        idempotency_key: key(),
    }
}

#[tokio::test]
async fn of_registrations_at_once_one_makes_the_account_and_the_others_read_it() {
    let world = World::new();
    let register = world.register();
    let input = RegisterInput { idempotency_key: key(), ..register_input("ada") };
    let from = origin();
    let made = at_once(&world, (0..50).map(|_| register.execute(input.clone(), &from))).await;
    let ids: Vec<UserId> = made.into_iter().map(|account| account.unwrap().user.id()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(world.database.audit_log().len(), 1);
}

#[tokio::test]
async fn of_different_registrations_at_once_under_one_key_one_wins() {
    let world = World::new();
    let register = world.register();
    let from = origin();
    let inputs = ["ada", "eve"].map(|name| RegisterInput { idempotency_key: key(), ..register_input(name) });
    let made = at_once(&world, inputs.into_iter().map(|input| register.execute(input, &from))).await;
    let codes: Vec<_> = made.iter().map(|made| made.as_ref().err().map(UseCaseError::code)).collect();
    assert_eq!(codes, [None, Some("idempotency_key_reused")]);
    assert_eq!(world.database.audit_log().len(), 1);
}

#[tokio::test]
async fn of_uploads_at_once_one_is_queued_and_nothing_is_left_of_the_others() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.probe.find(Duration::from_secs(90));
    let mut inputs = Vec::new();
    for _ in 0..20 {
        let staged = world.stage_recording(&ada).await;
        inputs.push(SubmitInput {
            staged,
            title: None,
            language: None,
            kinds: RecordingKinds::All,
            idempotency_key: key(),
        });
    }
    let submit = world.submit();
    let made = at_once(&world, inputs.into_iter().map(|input| submit.execute(&ada, input))).await;
    let ids: Vec<_> = made.into_iter().map(|view| view.unwrap().transcription.id()).collect();
    assert!(ids.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!((world.audio.kept().len(), world.audio.staging_files()), (1, 0));
}

#[tokio::test]
async fn of_adjustments_at_once_one_counts() {
    let world = World::new();
    let admin = admin(&world).await;
    let ada = world.sign_up("ada").await.user.id();
    let adjust = world.adjust_balance();
    let made = at_once(&world, (0..50).map(|_| adjust.execute(&admin, adjustment(ada)))).await;
    let entries: Vec<_> = made.into_iter().map(Result::unwrap).collect();
    assert!(entries.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(world.database.account(ada).await.unwrap().unwrap().user.parts().balance, 7);
    assert_eq!(world.database.ledger_mismatches().await.unwrap(), []);
}

#[tokio::test]
async fn a_request_given_up_in_the_middle_leaves_neither_account_nor_key() {
    let world = World::new();
    let busy = world.database.begin().await.unwrap();
    let register = world.register();
    let input = RegisterInput { idempotency_key: key(), ..register_input("ada") };
    let from = origin();
    assert!(register.execute(input.clone(), &from).now_or_never().is_none());
    drop(busy);
    let used = key_use(KeyOwner::Anybody, Operation::Register, "k");
    assert_eq!(world.database.key_record(&used).await.unwrap(), None);
    register.execute(input, &from).await.unwrap();
}

#[tokio::test]
async fn a_balance_whose_commit_fails_is_as_it_was() {
    let world = World::new();
    let admin = admin(&world).await;
    let ada = world.sign_up("ada").await.user.id();
    world.database.fail_next_commits(1);
    let failed = world.adjust_balance().execute(&admin, adjustment(ada)).await.unwrap_err();
    assert_eq!(failed.code(), "database_unavailable");
    assert_eq!(world.database.ledger_mismatches().await.unwrap(), []);
    let entry = world.adjust_balance().execute(&admin, adjustment(ada)).await.unwrap();
    assert_eq!(entry.parts().balance_after, 7);
}

#[tokio::test]
async fn another_administrator_does_not_make_the_same_change_again() {
    let world = World::new();
    let admin = admin(&world).await;
    let ada = world.sign_up("ada").await.user.id();
    let first = world.adjust_balance().execute(&admin, adjustment(ada)).await.unwrap();
    let mut other = world.register_user("other").await;
    other.principal.permissions = admin.principal.permissions.clone();
    assert_eq!(world.adjust_balance().execute(&other, adjustment(ada)).await.unwrap(), first);
}

#[tokio::test]
async fn a_ledger_never_forgets_a_key() {
    let world = World::new();
    let admin = admin(&world).await;
    let ada = world.sign_up("ada").await.user.id();
    let first = world.adjust_balance().execute(&admin, adjustment(ada)).await.unwrap();
    world.clock.advance(Duration::from_hours(24 * 365));
    world.purge().execute().await.unwrap();
    assert_eq!(world.adjust_balance().execute(&admin, adjustment(ada)).await.unwrap(), first);
}
