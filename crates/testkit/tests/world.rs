//! The world holds together.

use lectern_domain::{
    account::Registration,
    transcription::{ChunkNumber, StateName},
};
use lectern_testkit::world::{
    World,
    steps::{RECORDING, origin, register_input},
};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;

#[tokio::test]
async fn an_upload_is_transcribed_to_its_end() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let lecture = world.upload(&ada, 90).await;
    world.transcribe_next().await;
    let view = world.read().execute(&ada, lecture.transcription.id()).await.unwrap();
    assert_eq!((view.transcription.state(), view.chunks_done), (StateName::Completed, 2));
    assert_eq!(view.description.as_deref(), Some("words of chunk 0"));
}

#[tokio::test]
async fn what_was_uploaded_is_kept_and_nothing_stays_staged() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let lecture = world.upload(&ada, 90).await;
    let recording = &lecture.transcription.parts().recording;
    assert_eq!(usize::try_from(recording.bytes), Ok(RECORDING.len()));
    assert_eq!((world.audio.kept(), world.audio.staging_files()), (vec![recording.key], 0));
}

#[tokio::test]
async fn a_worker_works_in_it() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let lecture = world.upload(&ada, 90).await;
    let worker = world.worker("anna");
    tokio::select! {
        () = worker.run(CancellationToken::new()) => {}
        () = world.recognizer.until_called(2) => {}
    }
    let view = world.read().execute(&ada, lecture.transcription.id()).await.unwrap();
    assert_eq!(view.description.as_deref(), Some("words of call 1"));
}

#[tokio::test]
async fn tokens_are_refreshed_in_it() {
    let world = World::new();
    world.sign_up("ada").await;
    let tokens = world.sign_in("ada").await;
    let next = world.refresh().execute(tokens.refresh_token.expose_secret(), &origin()).await.unwrap();
    assert_eq!(world.caller(&next).await.principal.session, tokens.session);
}

#[tokio::test]
async fn its_rules_can_be_others() {
    let world = World { registration: Registration::Closed, ..World::new() };
    assert!(world.register().execute(register_input("ada"), &origin()).await.is_err());
}

#[tokio::test]
async fn a_lease_names_what_is_missing() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.upload(&ada, 150).await;
    let job = world.lease().await;
    assert_eq!(job.missing, [ChunkNumber(0), ChunkNumber(1), ChunkNumber(2)]);
}
