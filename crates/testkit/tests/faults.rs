//! The faults that tests can ask for.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lectern_application::ports::{
    AudioStore, AudioStoreError, PasswordHasher, Queries, Recognizer, RecognizerError, Speech, StoreError,
    Transactions, Verified,
};
use lectern_domain::{
    account::{Password, UserId},
    transcription::AudioKey,
};
use lectern_testkit::{
    build::{fresh_id, user},
    fakes::{PlainHasher, ScriptedRecognizer},
    memory::{MemoryAudioStore, MemoryDatabase},
    world::steps::PASSWORD,
};

/// Tries to add an account, and answers its id.
async fn try_to_add_ada(database: &MemoryDatabase) -> (UserId, Result<(), StoreError>) {
    let ada = user("ada").build();
    let id = ada.id;
    let mut work = database.begin().await.unwrap();
    work.insert_user(ada).await.unwrap();
    (id, work.commit().await)
}

#[tokio::test]
async fn a_commit_that_is_to_fail_stores_nothing() {
    let database = MemoryDatabase::default();
    database.fail_next_commits(1);
    let (id, committed) = try_to_add_ada(&database).await;
    assert!(matches!(committed, Err(StoreError::Unavailable { .. })));
    assert_eq!(database.account(id).await.unwrap(), None);
}

#[tokio::test]
async fn a_commit_whose_answer_is_to_be_lost_stores_all_the_same() {
    let database = MemoryDatabase::default();
    database.lose_next_commits_answers(1);
    let (id, committed) = try_to_add_ada(&database).await;
    assert!(matches!(committed, Err(StoreError::Unavailable { .. })));
    assert!(database.account(id).await.unwrap().is_some());
}

#[tokio::test]
async fn only_as_many_commits_fail_as_were_asked_for() {
    let database = MemoryDatabase::default();
    database.fail_next_commits(1);
    try_to_add_ada(&database).await.1.unwrap_err();
    try_to_add_ada(&database).await.1.unwrap();
}

#[tokio::test]
async fn a_database_that_broke_down_answers_nothing_and_forgets_nothing() {
    let database = MemoryDatabase::default();
    let (id, committed) = try_to_add_ada(&database).await;
    committed.unwrap();
    database.break_down();
    assert!(matches!(database.account(id).await, Err(StoreError::Unavailable { .. })));
    assert!(matches!(database.begin().await.err(), Some(StoreError::Unavailable { .. })));
    database.repair();
    assert!(database.account(id).await.unwrap().is_some());
}

#[tokio::test]
async fn a_unit_under_way_does_not_survive_a_break_down() {
    let database = MemoryDatabase::default();
    let mut work = database.begin().await.unwrap();
    work.insert_user(user("ada").build()).await.unwrap();
    database.break_down();
    assert!(matches!(work.commit().await, Err(StoreError::Unavailable { .. })));
}

#[tokio::test]
async fn a_full_audio_store_takes_nothing_more_and_leaves_no_staging_file() {
    let store = MemoryAudioStore::default();
    let mut upload = store.stage().await.unwrap();
    store.fill_up();
    assert!(matches!(upload.write("bytes".into()).await, Err(AudioStoreError::Full { .. })));
    drop(upload);
    assert_eq!(store.staging_files(), 0);
}

#[tokio::test]
async fn a_full_audio_store_can_still_be_read() {
    let store = MemoryAudioStore::default();
    let key = AudioKey(fresh_id());
    let mut upload = store.stage().await.unwrap();
    upload.write("bytes".into()).await.unwrap();
    store.keep(upload.finish().await.unwrap(), key).await.unwrap();
    store.fill_up();
    assert_eq!(store.kept(), [key]);
    assert_eq!(store.read(key, None).await.unwrap().total, 5);
}

fn second() -> Speech {
    Speech { samples: vec![0.0; 16_000], language: None }
}

#[tokio::test]
async fn a_recogniser_follows_its_script_and_then_counts() {
    let recognizer = ScriptedRecognizer::default();
    recognizer.then_say(&[(0, 400, "good")]);
    recognizer.then_fail(1);
    assert_eq!(recognizer.recognize(second()).await.unwrap()[0].text, "good");
    assert!(matches!(recognizer.recognize(second()).await, Err(RecognizerError::Failed { .. })));
    let off_script = recognizer.recognize(second()).await.unwrap();
    assert_eq!((off_script[0].text.as_str(), off_script[0].end.as_secs()), ("words of call 3", 1));
}

#[tokio::test]
async fn a_blocked_recogniser_notices_that_it_was_dropped() {
    let recognizer = ScriptedRecognizer::default();
    recognizer.then_block();
    tokio::select! {
        _ = recognizer.recognize(second()) => {}
        () = recognizer.until_called(1) => {}
    }
    recognizer.until_dropped(1).await;
    assert_eq!((recognizer.calls(), recognizer.dropped()), (1, 1));
}

#[tokio::test]
async fn an_outdated_hash_matches_as_outdated() {
    let hasher = PlainHasher::default();
    let password = Password::new(PASSWORD.to_owned()).unwrap();
    let hash = hasher.hash(password.clone()).await.unwrap();
    hasher.outdate();
    assert_eq!(hasher.verify(password, hash).await.unwrap(), Verified::MatchOutdated);
}

#[tokio::test]
async fn an_unknown_account_costs_as_much_as_a_wrong_password() {
    let hasher = PlainHasher::default();
    hasher.verify_nothing(Password::empty()).await.unwrap();
    assert_eq!(hasher.verified(), 1);
}
