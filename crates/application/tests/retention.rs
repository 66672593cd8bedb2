//! What is kept for how long: that it goes when it is due, in batches, and what stays of it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use lectern_application::{
    Caller, ErrorKind, UseCaseError,
    maintenance::{Purged, Retention},
    ports::{LogSink as _, TranscriptionView},
    transcriptions::ListenError,
};
use lectern_domain::{log::LogLevel, transcription::TranscriptionId};
use lectern_testkit::{
    build::{at, log_entry},
    clock::START,
    world::World,
};
use metrics_util::debugging::{DebugValue, DebuggingRecorder};

const YEAR: Duration = Duration::from_hours(365 * 24);
const INSTANT: Duration = Duration::from_micros(1);

async fn cancelled(world: &World, owner: &Caller) -> TranscriptionId {
    let id = world.upload(owner, 60).await.transcription.id();
    world.cancel().execute(owner, id).await.unwrap();
    id
}

async fn purged(world: &World) -> Purged {
    world.purge().execute().await.unwrap()
}

async fn read(world: &World, owner: &Caller, id: TranscriptionId) -> TranscriptionView {
    world.read().execute(owner, id).await.unwrap()
}

#[tokio::test]
async fn audio_goes_a_year_after_its_transcription_ended_and_the_text_stays() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    world.transcribe_next().await;
    world.clock.advance(YEAR);
    assert_eq!(purged(&world).await.audio, 0, "not before its time");
    world.clock.advance(INSTANT);
    assert_eq!(purged(&world).await.audio, 1);
    assert_eq!(world.audio.kept(), []);
    let view = read(&world, &ada, id).await;
    assert_eq!(view.description.as_deref(), Some("words of chunk 0"));
    assert_eq!(view.transcription.parts().audio_removed_at, Some(START.plus(YEAR + INSTANT)));
    assert_eq!(purged(&world).await, Purged::default(), "there is nothing to do twice");
}

#[tokio::test]
async fn what_became_of_removed_audio_is_no_change_that_watchers_see() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = cancelled(&world, &ada).await;
    let before = read(&world, &ada, id).await.transcription;
    world.clock.advance(YEAR + INSTANT);
    purged(&world).await;
    let after = read(&world, &ada, id).await.transcription;
    assert_eq!(
        (after.parts().revision, after.parts().updated_at),
        (before.parts().revision, before.parts().updated_at)
    );
}

#[tokio::test]
async fn removed_audio_cannot_be_heard_and_the_answer_says_why() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = cancelled(&world, &ada).await;
    world.clock.advance(YEAR + INSTANT);
    purged(&world).await;
    let refused = world.listen().execute(&ada, id, None).await.err().unwrap();
    assert!(matches!(refused, ListenError::Removed));
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::NotFound, "audio_removed"));
}

#[tokio::test]
async fn what_has_no_audio_any_more_is_not_tried_again() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = cancelled(&world, &ada).await;
    world.clock.advance(YEAR + INSTANT);
    purged(&world).await;
    let refused = world.retry().execute(&ada, id).await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::Conflict, "audio_removed"));
    assert!(!read(&world, &ada, id).await.transcription.state().is_active());
}

#[tokio::test]
async fn a_retry_keeps_audio_for_another_year() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = cancelled(&world, &ada).await;
    world.clock.advance(YEAR);
    world.retry().execute(&ada, id).await.unwrap();
    world.clock.advance(INSTANT);
    assert_eq!(purged(&world).await.audio, 0, "a worker needs it");
    world.transcribe_next().await;
    world.clock.advance(YEAR);
    assert_eq!(purged(&world).await.audio, 0);
    world.clock.advance(INSTANT);
    assert_eq!(purged(&world).await.audio, 1);
}

#[tokio::test]
async fn audio_can_be_kept_for_good() {
    let retention = Retention { audio: None, ..Retention::default() };
    let world = World { retention, ..World::new() };
    let ada = world.register_user("ada").await;
    cancelled(&world, &ada).await;
    world.clock.advance(YEAR * 90);
    assert_eq!(purged(&world).await.audio, 0);
    assert_eq!(world.audio.kept().len(), 1);
}

#[tokio::test]
async fn however_much_audio_is_due_all_of_it_goes() {
    let world = World::new();
    for number in 0..3 {
        let owner = world.register_user(&format!("user{number}")).await;
        for _ in 0..70 {
            cancelled(&world, &owner).await;
        }
    }
    world.clock.advance(YEAR + INSTANT);
    assert_eq!(purged(&world).await.audio, 210);
    assert_eq!(world.audio.kept(), []);
}

/// The row says first that the audio is gone; who dies then leaves an object that nothing refers to.
#[tokio::test]
async fn audio_that_a_crash_left_behind_is_found_the_next_time() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = cancelled(&world, &ada).await;
    world.clock.advance(YEAR + INSTANT);
    let mut work = world.transactions().begin().await.unwrap();
    let crashed = work.transcription(id).await.unwrap().unwrap().remove_audio(START).unwrap();
    work.save_transcription(&crashed).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(world.audio.kept().len(), 1);
    let purged = purged(&world).await;
    assert_eq!((purged.audio, purged.unreferenced_audio), (0, 1));
    assert_eq!(world.audio.kept(), []);
}

#[tokio::test]
async fn while_the_audio_store_is_away_all_else_goes_and_the_audio_when_it_is_back() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    cancelled(&world, &ada).await;
    world.clock.advance(YEAR + INSTANT);
    world.audio.break_down();
    assert_eq!(world.purge().execute().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(world.database.audit_log().len(), 0, "what was due before");
    world.audio.repair();
    let purged = purged(&world).await;
    assert_eq!(purged.audio + purged.unreferenced_audio, 1);
    assert_eq!(world.audio.kept(), []);
}

#[tokio::test]
async fn the_oldest_lines_go_when_the_log_is_too_long() {
    let retention = Retention { log_rows: 1_000, ..Retention::default() };
    let world = World { retention, ..World::new() };
    let entries: Vec<_> = (0..2_203).map(|second| log_entry(LogLevel::Info, "x", at(second))).collect();
    world.database.append(&entries).await.unwrap();
    assert_eq!(purged(&world).await.log, 1_203);
    assert_eq!(purged(&world).await.log, 0);
}

#[tokio::test]
async fn what_is_purged_is_measured_by_kind() {
    let recorder = DebuggingRecorder::new();
    let snapshots = recorder.snapshotter();
    let _measuring = metrics::set_default_local_recorder(&recorder);
    let world = World::new();
    let ada = world.register_user("ada").await;
    cancelled(&world, &ada).await;
    world.database.append(&[log_entry(LogLevel::Warn, "x", START)]).await.unwrap();
    let staged = world.stage_recording(&ada).await;
    world
        .audio_store()
        .keep(staged, lectern_domain::transcription::AudioKey(uuid::Uuid::from_u128(7)))
        .await
        .unwrap();
    world.clock.advance(YEAR + INSTANT);
    let purged = purged(&world).await;

    let measured = snapshots.snapshot().into_vec();
    for (kind, removed) in [
        ("audio", purged.audio),
        ("sessions", purged.sessions),
        ("audit_events", purged.audit),
        ("log_entries", purged.log),
        ("unreferenced_audio", purged.unreferenced_audio),
    ] {
        let of_kind = measured.iter().filter(|(key, ..)| {
            key.key().name() == "lectern_purged_total"
                && key.key().labels().any(|label| (label.key(), label.value()) == ("kind", kind))
        });
        let counts: Vec<_> = of_kind.map(|(.., value)| value).collect();
        assert!(removed > 0, "{kind}");
        assert_eq!(counts, [&DebugValue::Counter(removed.into())], "{kind}");
    }
}
