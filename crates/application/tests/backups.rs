//! Backups are taken, tried out and restored; one that fails costs nothing.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{path::Path, time::Duration};

use lectern_application::{
    MachineOperator, UseCaseError as _,
    backups::{LookAtRecordings, Occasion, Replacing, RestoreBackupError, TakenBackup, VerifyBackupError},
    ports::{AudioStore as _, Backups as _, DatabaseKind, Dumps as _},
};
use lectern_domain::{audit::AuditKind, time::Timestamp};
use lectern_testkit::{clock::START, world::World};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Takes one a minute after the last.
async fn take(world: &World, keep: usize) -> TakenBackup {
    world.clock.advance(Duration::from_mins(1));
    world.take_backup(keep).execute(Occasion::Schedule).await.unwrap()
}

async fn listed(world: &World) -> Vec<Timestamp> {
    world.backups.list().await.unwrap().into_iter().map(|backup| backup.taken_at).collect()
}

async fn restore(world: &World, file: &Path, replacing: Replacing) -> Result<(), RestoreBackupError> {
    let operator = MachineOperator::at_the_command_line();
    world.restore_backup().execute(&operator, file, replacing).await.map(|_| ())
}

async fn accounts(world: &World) -> u64 {
    world.dumps.accounts().await.unwrap()
}

fn last_event(world: &World) -> AuditKind {
    world.database.audit_log().pop().unwrap().kind
}

#[tokio::test]
async fn of_eleven_backups_the_oldest_goes_and_the_ten_newest_stay() {
    let world = World::new();
    let mut taken = Vec::new();
    for _ in 0..10 {
        let one = take(&world, 10).await;
        assert_eq!(one.removed, []);
        taken.insert(0, one.stored);
    }
    let eleventh = take(&world, 10).await;
    assert_eq!(eleventh.removed, [taken.pop().unwrap()]);
    taken.insert(0, eleventh.stored);
    assert_eq!(world.backups.list().await.unwrap(), taken);
}

#[tokio::test]
async fn a_backup_stays_that_was_taken_when_the_clock_was_set_back() {
    let world = World::new();
    let future = take(&world, 1).await;
    world.clock.set(START.minus(Duration::from_hours(1)));
    let now = take(&world, 1).await;
    assert_eq!(now.removed, [future.stored]);
    assert_eq!(listed(&world).await, [now.stored.taken_at]);
}

#[tokio::test]
async fn a_backup_that_fails_is_written_down_and_removes_nothing() {
    let world = World::new();
    take(&world, 1).await;
    let before = listed(&world).await;
    world.clock.advance(Duration::from_mins(1));
    world.dumps.fail_next(1);
    let failed = world.take_backup(1).execute(Occasion::Schedule).await.unwrap_err();
    assert_eq!(failed.code(), "storage_full");
    assert_eq!(last_event(&world), AuditKind::BackupFailed { code: "storage_full" });
    assert_eq!(listed(&world).await, before);
}

#[tokio::test]
async fn a_backup_is_written_down_with_its_file() {
    let world = World::new();
    let taken = take(&world, 1).await;
    let (file, bytes) = (taken.stored.name(), taken.stored.bytes);
    assert_eq!(last_event(&world), AuditKind::BackupTaken { file, bytes });
}

#[tokio::test]
async fn a_backup_is_good_although_the_audit_log_can_not_be_written() {
    let world = World::new();
    world.database.fail_next_commits(1);
    let taken = take(&world, 1).await;
    assert_eq!(listed(&world).await, [taken.stored.taken_at]);
}

#[tokio::test]
async fn a_sound_backup_can_be_relied_on_and_its_recordings_are_looked_for() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let kept = world.upload(&ada, 30).await.transcription;
    let taken = take(&world, 1).await;
    for closely in [LookAtRecordings::Sizes, LookAtRecordings::Contents] {
        let verified = world.verify_backup().execute(None, closely).await.unwrap();
        assert_eq!((verified.file, verified.manifest), (taken.stored.path.clone(), taken.manifest.clone()));
        assert_eq!((verified.recordings.expected, verified.recordings.missing.len()), (1, 0));
        assert_eq!(verified.recordings.changed, []);
    }
    let key = kept.parts().recording.key;
    world.audio.delete(key).await.unwrap();
    let verified = world.verify_backup().execute(None, LookAtRecordings::Sizes).await.unwrap();
    assert_eq!(verified.recordings.missing, [key]);
}

#[tokio::test]
async fn a_backup_that_promises_more_than_it_holds_is_told_apart_and_not_restored() {
    let world = World::new();
    world.sign_up("ada").await;
    let stored = take(&world, 1).await.stored;
    world.backups.tamper(stored.taken_at, |manifest| {
        manifest.census.rows.insert("users".to_owned(), 2);
    });
    let verified = world.verify_backup().execute(None, LookAtRecordings::Sizes).await.unwrap_err();
    assert_eq!(
        verified.to_string(),
        "what was restored is not what the backup says: users has 1 rows instead of 2"
    );
    world.sign_up("bob").await;
    let refused = restore(&world, &stored.path, Replacing::Anything).await.unwrap_err();
    assert_eq!(refused.code(), "backup_differs");
    assert_eq!(accounts(&world).await, 2);
}

#[tokio::test]
async fn a_backup_of_another_database_or_of_a_newer_schema_is_refused() {
    let world = World::new();
    let stored = take(&world, 1).await.stored;
    world.backups.tamper(stored.taken_at, |manifest| manifest.database = DatabaseKind::Postgres);
    let refused = world.verify_backup().execute(None, LookAtRecordings::Sizes).await.unwrap_err();
    assert!(matches!(refused, VerifyBackupError::OtherDatabase { .. }), "{refused}");
    world.backups.tamper(stored.taken_at, |manifest| {
        manifest.database = DatabaseKind::Sqlite;
        manifest.schema = "29990101000000".to_owned();
    });
    let refused = restore(&world, &stored.path, Replacing::Anything).await.unwrap_err();
    assert_eq!(refused.code(), "backup_too_new");
}

#[tokio::test]
async fn without_a_backup_there_is_nothing_to_verify() {
    let none = World::new().verify_backup().execute(None, LookAtRecordings::Sizes).await.unwrap_err();
    assert_eq!(none.code(), "no_backup");
}

#[tokio::test]
async fn a_database_with_accounts_is_replaced_only_on_purpose() {
    let world = World::new();
    world.sign_up("ada").await;
    let stored = take(&world, 1).await.stored;
    world.sign_up("bob").await;
    let refused = restore(&world, &stored.path, Replacing::Nothing).await.unwrap_err();
    assert!(matches!(refused, RestoreBackupError::NotEmpty { accounts: 2 }), "{refused}");
    restore(&world, &stored.path, Replacing::Anything).await.unwrap();
    assert_eq!(accounts(&world).await, 1);
    let (file, taken_at) = (stored.name(), stored.taken_at);
    assert_eq!(last_event(&world), AuditKind::DatabaseRestored { file, taken_at });
}

#[tokio::test]
async fn a_database_that_others_use_is_not_replaced() {
    let world = World::new();
    let stored = take(&world, 1).await.stored;
    world.dumps.connect_others(2);
    let refused = restore(&world, &stored.path, Replacing::Anything).await.unwrap_err();
    assert!(matches!(refused, RestoreBackupError::InUse { connections: 2 }), "{refused}");
}

#[tokio::test]
async fn a_database_that_can_not_be_read_is_replaced_only_on_purpose() {
    let world = World::new();
    let stored = take(&world, 1).await.stored;
    world.database.break_down();
    let refused = restore(&world, &stored.path, Replacing::Nothing).await.unwrap_err();
    assert_eq!(refused.code(), "database_unreadable");
}

/// Lets the schedule run for ten minutes, at that time of the clock, which stands still.
async fn at_night(world: &World, hours: u64, minutes: u64) {
    world.clock.set(START.plus(Duration::from_mins(60 * hours + minutes)));
    let (nightly, stop) = (world.back_up_nightly(), CancellationToken::new());
    let running = nightly.run(stop.clone());
    let _elapsed = timeout(Duration::from_mins(10), running).await;
}

#[tokio::test(start_paused = true)]
async fn a_backup_is_taken_when_it_is_the_hour_and_only_once() {
    let world = World::new();
    at_night(&world, 2, 59).await;
    assert_eq!(listed(&world).await.len(), 0);
    at_night(&world, 3, 0).await;
    assert_eq!(listed(&world).await.len(), 1);
    // Another server starts.
    at_night(&world, 3, 1).await;
    assert_eq!(listed(&world).await.len(), 1);
    at_night(&world, 27, 2).await;
    assert_eq!(listed(&world).await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_comes_after_the_hour_takes_the_backup_that_was_missed_for_an_hour() {
    let world = World::new();
    at_night(&world, 4, 0).await;
    assert_eq!(listed(&world).await.len(), 0);
    at_night(&world, 3, 59).await;
    assert_eq!(listed(&world).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_backup_that_failed_is_tried_again_after_a_quarter_of_an_hour() {
    let world = World::new();
    world.clock.set(START.plus(Duration::from_hours(3)));
    world.dumps.fail_next(1);
    let (nightly, stop) = (world.back_up_nightly(), CancellationToken::new());
    let mut running = std::pin::pin!(nightly.run(stop));
    let _elapsed = timeout(Duration::from_mins(15), &mut running).await;
    assert_eq!(listed(&world).await.len(), 0);
    let _elapsed = timeout(Duration::from_mins(2), &mut running).await;
    assert_eq!(listed(&world).await.len(), 1);
    let kinds = world.database.audit_log().into_iter().map(|event| event.kind.name());
    assert_eq!(kinds.collect::<Vec<_>>(), ["backup_failed", "backup_taken"]);
}

#[tokio::test(start_paused = true)]
async fn the_schedule_ends_when_it_is_told_to() {
    let world = World::new();
    let (nightly, stop) = (world.back_up_nightly(), CancellationToken::new());
    stop.cancel();
    timeout(Duration::from_secs(1), nightly.run(stop)).await.unwrap();
}
