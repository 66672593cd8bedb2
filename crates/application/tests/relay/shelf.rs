//! Recordings are where workers look for them: before these hear of a job, and no longer than there is one.

use std::time::Duration;

use lectern_application::{Caller, UseCaseError, ports::ShelvedRecording};
use lectern_domain::transcription::TranscriptionId;
use lectern_testkit::world::World;
use tokio_util::sync::CancellationToken;

use crate::{relay, with_a_job};

/// What is to be found of a caller's transcription.
async fn shelved(world: &World, caller: &Caller, id: TranscriptionId) -> ShelvedRecording {
    let owner = world.read_own_account().execute(caller).await.unwrap().user.parts().number;
    let transcription = world.read().execute(caller, id).await.unwrap().transcription;
    ShelvedRecording { owner, key: transcription.parts().recording.key }
}

#[tokio::test]
async fn a_recording_is_shown_before_its_job_is_announced() {
    let (world, ada, id) = with_a_job().await;
    world.announcer.break_down();
    world.relay_jobs().execute().await.unwrap_err();
    assert_eq!(world.shelf.shown(), [shelved(&world, &ada, id).await]);
}

#[tokio::test]
async fn a_job_whose_recording_can_not_be_shown_is_not_announced() {
    let (world, ..) = with_a_job().await;
    world.shelf.break_down();
    assert_eq!(world.relay_jobs().execute().await.unwrap_err().code(), "storage_unavailable");
    assert_eq!(world.announcer.tries(), 0);
    world.shelf.repair();
    relay(&world).await;
    assert_eq!(world.announcer.tries(), 1);
}

#[tokio::test]
async fn a_recording_is_shown_for_as_long_as_its_transcription_is_active() {
    let (world, ada, id) = with_a_job().await;
    let shelve = world.shelve_recordings();
    let expected = shelved(&world, &ada, id).await;
    let job = world.lease().await;
    shelve.execute().await.unwrap();
    assert_eq!(world.shelf.shown(), [expected], "somebody works on it");
    world.fail_job().execute(job.lease, "out of luck").await.unwrap();
    shelve.execute().await.unwrap();
    assert_eq!(world.shelf.shown(), [expected], "it rests");
    world.cancel().execute(&ada, id).await.unwrap();
    shelve.execute().await.unwrap();
    assert_eq!(world.shelf.shown(), [], "it was called off");
    world.retry().execute(&ada, id).await.unwrap();
    shelve.execute().await.unwrap();
    assert_eq!(world.shelf.shown(), [expected], "it is queued again");
    world.delete().execute(&ada, id).await.unwrap();
    shelve.execute().await.unwrap();
    assert_eq!(world.shelf.shown(), [], "it was deleted");
}

#[tokio::test]
async fn a_new_recording_takes_the_place_of_the_one_before() {
    let (world, ada, id) = with_a_job().await;
    relay(&world).await;
    world.cancel().execute(&ada, id).await.unwrap();
    let second = world.upload(&ada, 90).await.transcription.id();
    relay(&world).await;
    assert_eq!(world.shelf.shown(), [shelved(&world, &ada, second).await]);
}

#[tokio::test(start_paused = true)]
async fn the_shelf_is_put_right_a_moment_after_a_job_ended_whatever_happens_to_the_broker() {
    let (world, ada, id) = with_a_job().await;
    world.announcer.break_down();
    let shutdown = CancellationToken::new();
    let shelve = world.shelve_recordings();
    let keeping = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { shelve.run(shutdown).await }
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_eq!(world.shelf.shown().len(), 1);
    world.cancel().execute(&ada, id).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.shelf.shown(), []);
    shutdown.cancel();
    keeping.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_shelf_that_broke_down_is_put_right_when_it_is_back() {
    let (world, ..) = with_a_job().await;
    world.shelf.break_down();
    let shelve = world.shelve_recordings();
    let keeping = tokio::spawn(async move { shelve.run(CancellationToken::new()).await });
    tokio::time::sleep(Duration::from_secs(3)).await;
    world.shelf.repair();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(world.shelf.shown().len(), 1);
    keeping.abort();
}
