//! Uploads: what is refused, and that nothing of it is left.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use lectern_application::{
    Caller, ErrorKind, UseCaseError,
    ports::PageRequest,
    transcriptions::{StageError, SubmitError, SubmitInput, UploadInterrupted},
};
use lectern_domain::transcription::{RecordingKinds, StateName};
use lectern_testkit::world::World;

/// Nothing of an upload is left: no staging file, no recording, no row.
async fn assert_nothing_left(world: &World, caller: &Caller) {
    assert_eq!(world.audio.staging_files(), 0);
    assert_eq!(world.audio.kept(), []);
    let page = PageRequest::new(1, 10).unwrap();
    assert_eq!(world.list().execute(caller, None, None, page).await.unwrap().total, 0);
}

async fn submit(world: &World, caller: &Caller) -> Result<(), SubmitError> {
    let staged = world.stage_recording(caller).await;
    let input = SubmitInput {
        staged,
        title: None,
        language: None,
        kinds: RecordingKinds::All,
        idempotency_key: None,
    };
    world.submit().execute(caller, input).await.map(|_| ())
}

#[tokio::test]
async fn a_good_recording_is_queued_with_its_plan() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let view = world.upload(&ada, 150).await;
    assert_eq!(view.transcription.state(), StateName::Queued);
    assert_eq!(view.transcription.parts().plan.planned_count(), 3);
    assert_eq!(world.audio.kept(), [view.transcription.parts().recording.key]);
    assert_eq!(world.audio.staging_files(), 0);
}

#[tokio::test]
async fn what_is_no_mp3_is_refused_where_only_mp3s_are_taken() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.probe.find_media_type("audio/wav");
    let staged = world.stage_recording(&ada).await;
    let input = SubmitInput {
        staged,
        title: None,
        language: None,
        kinds: RecordingKinds::Mp3,
        idempotency_key: None,
    };
    let refused = world.submit().execute(&ada, input).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("not_mp3", ErrorKind::Invalid));
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let body = stream::iter([Ok(Bytes::from_static(b"half")), Err(UploadInterrupted)]);
    let refused = world.stage().execute(&ada, body).await.unwrap_err();
    assert!(matches!(refused, StageError::Interrupted));
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn a_handler_that_is_dropped_in_the_middle_leaves_nothing() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let body = stream::unfold((), |()| async {
        std::future::pending::<()>().await;
        None::<(Result<Bytes, UploadInterrupted>, ())>
    });
    let stage = world.stage();
    let upload = stage.execute(&ada, Box::pin(body));
    let polled_once = tokio::time::timeout(Duration::from_millis(1), upload).await;
    assert!(polled_once.is_err());
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn one_byte_too_many_is_too_large() {
    let world = World { max_upload_bytes: 8, ..World::new() };
    let ada = world.register_user("ada").await;
    let pieces = |len: usize| stream::iter([Ok(Bytes::from(vec![0; len - 1])), Ok(Bytes::from_static(b"x"))]);
    assert!(world.stage().execute(&ada, pieces(8)).await.is_ok());
    let refused = world.stage().execute(&ada, pieces(9)).await.unwrap_err();
    assert!(matches!(refused, StageError::TooLarge { limit: 8 }));
    assert_eq!(refused.kind(), ErrorKind::TooLarge);
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn an_empty_recording_is_refused_without_a_probe() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let body = stream::iter(Vec::<Result<Bytes, UploadInterrupted>>::new());
    let staged = world.stage().execute(&ada, body).await.unwrap();
    let input = SubmitInput {
        staged,
        title: None,
        language: None,
        kinds: RecordingKinds::All,
        idempotency_key: None,
    };
    let refused = world.submit().execute(&ada, input).await.unwrap_err();
    assert!(matches!(refused, SubmitError::Empty));
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn what_is_no_audio_is_refused() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.probe.find_no_audio();
    assert_eq!(submit(&world, &ada).await.unwrap_err().code(), "not_audio");
    world.probe.find_codec("opus");
    let refused = submit(&world, &ada).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("unsupported_codec", ErrorKind::Unsupported));
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn too_short_and_too_long_are_refused_with_the_limits() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    for millis in [9_999, 7_207_201] {
        world.probe.find(Duration::from_millis(millis));
        let refused = submit(&world, &ada).await.unwrap_err();
        assert!(matches!(refused, SubmitError::Duration(_)), "{millis}");
        assert!(refused.to_string().contains("between 10 and 7200 seconds"), "{refused}");
    }
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn a_full_disk_is_said_to_be_full() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.audio.fill_up();
    let body = stream::iter([Ok::<_, UploadInterrupted>(Bytes::from_static(b"x"))]);
    let refused = world.stage().execute(&ada, body).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("storage_full", ErrorKind::Full));
    world.audio.repair();
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn an_unreadable_store_is_unavailable() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let staged = world.stage_recording(&ada).await;
    world.audio.break_down();
    let input = SubmitInput {
        staged,
        title: None,
        language: None,
        kinds: RecordingKinds::All,
        idempotency_key: None,
    };
    let refused = world.submit().execute(&ada, input).await.unwrap_err();
    assert_eq!((refused.code(), refused.kind()), ("storage_unavailable", ErrorKind::Unavailable));
    world.audio.repair();
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_loses_no_recording() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.probe.find(Duration::from_mins(1));
    world.database.lose_next_commits_answers(1);
    assert!(matches!(submit(&world, &ada).await, Err(SubmitError::Store(_))));
    let page = PageRequest::new(1, 10).unwrap();
    let stored = world.list().execute(&ada, None, None, page).await.unwrap().items;
    let keys: Vec<_> = stored.iter().map(|view| view.transcription.parts().recording.key).collect();
    assert_eq!(keys.len(), 1);
    assert_eq!(world.audio.kept(), keys);
}

/// Nobody can tell from a failed commit whether it happened, so only the purge may find that it did not.
#[tokio::test]
async fn the_recording_of_a_failed_commit_is_left_to_the_purge() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.probe.find(Duration::from_mins(1));
    world.database.fail_next_commits(1);
    assert!(matches!(submit(&world, &ada).await, Err(SubmitError::Store(_))));
    assert_eq!(world.audio.kept().len(), 1);
    world.clock.advance(Duration::from_hours(25));
    assert_eq!(world.purge().execute().await.unwrap().unreferenced_audio, 1);
    assert_nothing_left(&world, &ada).await;
}

#[tokio::test]
async fn a_second_active_upload_is_refused_and_the_first_is_named() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let first = world.upload(&ada, 60).await;
    let refused = submit(&world, &ada).await.unwrap_err();
    let SubmitError::Active(active) = refused else { panic!("{refused:?}") };
    assert_eq!((active.id, active.state), (first.transcription.id(), StateName::Queued));
    assert_eq!(world.audio.kept().len(), 1, "the second recording is gone");
    let early = world.stage().permit(&ada, None).await.unwrap_err();
    assert_eq!(early.code(), "transcription_active", "and nobody has to send it first");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_uploads_at_once_one_wins() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.probe.find(Duration::from_mins(1));
    let tries = (0..10).map(|_| {
        let (world, ada) = (world.clone(), ada.clone());
        tokio::spawn(async move { submit(&world, &ada).await.is_ok() })
    });
    let mut won = 0;
    for upload in tries.collect::<Vec<_>>() {
        won += usize::from(upload.await.unwrap());
    }
    assert_eq!(won, 1);
    assert_eq!(world.audio.kept().len(), 1);
    assert_eq!(world.audio.staging_files(), 0);
}

#[tokio::test]
async fn beyond_the_limit_the_oldest_finished_one_makes_room() {
    let mut world = World::new();
    world.upload_rules.kept_per_account = 2;
    let ada = world.register_user("ada").await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(world.upload(&ada, 60).await.transcription.id());
        world.transcribe_next().await;
        world.clock.advance(Duration::from_secs(1));
    }
    let page = PageRequest::new(1, 10).unwrap();
    let listed = world.list().execute(&ada, None, None, page).await.unwrap();
    let listed: Vec<_> = listed.items.iter().map(|view| view.transcription.id()).collect();
    assert_eq!(listed, [ids[2], ids[1]]);
    assert_eq!(world.audio.kept().len(), 2, "its recording is gone too");
}

#[tokio::test]
async fn audio_that_nothing_refers_to_is_purged_when_it_is_a_day_old() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let kept = world.upload(&ada, 60).await.transcription.parts().recording.key;
    let staged = world.stage_recording(&ada).await;
    let orphan = lectern_domain::transcription::AudioKey(uuid::Uuid::from_u128(7));
    world.audio_store().keep(staged, orphan).await.unwrap();
    assert_eq!(world.purge().execute().await.unwrap().unreferenced_audio, 0, "it may be an upload under way");
    world.clock.advance(Duration::from_hours(25));
    assert_eq!(world.purge().execute().await.unwrap().unreferenced_audio, 1);
    assert_eq!(world.audio.kept(), [kept]);
}

#[tokio::test]
async fn a_store_of_many_recordings_is_purged_page_by_page() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let referred_to = world.upload(&ada, 60).await.transcription.parts().recording.key;
    let store = world.audio_store();
    for id in 0..2_001 {
        let staged = store.stage().await.unwrap().finish().await.unwrap();
        store.keep(staged, lectern_domain::transcription::AudioKey(uuid::Uuid::from_u128(id))).await.unwrap();
    }
    world.clock.advance(Duration::from_hours(25));
    assert_eq!(world.purge().execute().await.unwrap().unreferenced_audio, 2_001);
    assert_eq!(world.audio.kept(), [referred_to]);
}
