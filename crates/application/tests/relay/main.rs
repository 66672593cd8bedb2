//! Announcing jobs: none is lost, whatever dies in between, and nothing piles up where nobody listens.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod meanwhile;
mod outages;
mod shelf;

use std::time::Duration;

use lectern_application::{
    Caller,
    jobs::Relayed,
    ports::{Announcement, Clock},
};
use lectern_domain::transcription::{AnnouncementRules, Job, LeaseRules, TranscriptionId};
use lectern_testkit::world::World;

/// A world with one job, its owner, and what it is about.
async fn with_a_job() -> (World, Caller, TranscriptionId) {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 90).await.transcription.id();
    (world, ada, id)
}

/// As many jobs, each of somebody else.
async fn with_jobs(count: usize) -> World {
    let world = World::new();
    for n in 0..count {
        let owner = world.register_user(&format!("user{n}")).await;
        world.upload(&owner, 90).await;
    }
    world
}

async fn relay(world: &World) -> Relayed {
    world.relay_jobs().execute().await.unwrap()
}

async fn stored(world: &World, id: TranscriptionId) -> Option<Job> {
    world.transactions().begin().await.unwrap().job(id).await.unwrap()
}

/// So long after an announcement it may be forgotten.
fn long_after() -> Duration {
    AnnouncementRules::default().repeat_after + Duration::from_micros(1)
}

#[tokio::test]
async fn a_new_job_is_announced_once() {
    let (world, ada, id) = with_a_job().await;
    assert_eq!(relay(&world).await, Relayed::Announced(1));
    assert_eq!(relay(&world).await, Relayed::Nothing);
    let transcription = world.read().execute(&ada, id).await.unwrap().transcription;
    let owner = &world.read_own_account().execute(&ada).await.unwrap().user;
    let announcement =
        Announcement { transcription: transcription.parts().number, owner: owner.parts().number, id };
    assert_eq!(world.announcer.announced(), [announcement]);
}

#[tokio::test]
async fn jobs_are_announced_in_the_order_in_which_they_wait() {
    let world = with_jobs(250).await;
    let relayed = [relay(&world).await, relay(&world).await, relay(&world).await, relay(&world).await];
    let batches =
        [Relayed::Announced(100), Relayed::Announced(100), Relayed::Announced(50), Relayed::Nothing];
    assert_eq!(relayed, batches);
    let numbers: Vec<_> = world.announcer.announced().iter().map(|job| job.transcription.0).collect();
    assert_eq!(numbers, (1..=250).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_job_that_somebody_works_on_is_not_announced() {
    let (world, ..) = with_a_job().await;
    world.lease().await;
    assert_eq!(relay(&world).await, Relayed::Nothing);
}

#[tokio::test]
async fn a_job_whose_worker_died_is_announced_anew() {
    let (world, ..) = with_a_job().await;
    relay(&world).await;
    world.lease().await;
    assert_eq!(relay(&world).await, Relayed::Nothing);
    world.clock.advance(LeaseRules::default().duration);
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

#[tokio::test]
async fn a_job_that_was_given_back_is_announced_anew() {
    let (world, ..) = with_a_job().await;
    relay(&world).await;
    let job = world.lease().await;
    world.release_job().execute(job.lease).await.unwrap();
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

#[tokio::test]
async fn a_job_that_failed_is_announced_anew_when_it_has_rested() {
    let (world, ..) = with_a_job().await;
    relay(&world).await;
    let job = world.lease().await;
    world.fail_job().execute(job.lease, "out of luck").await.unwrap();
    assert_eq!(relay(&world).await, Relayed::Nothing);
    world.clock.advance(LeaseRules::default().error_delay);
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

#[tokio::test]
async fn a_job_that_is_queued_again_is_announced_anew() {
    let (world, ada, id) = with_a_job().await;
    relay(&world).await;
    world.cancel().execute(&ada, id).await.unwrap();
    assert_eq!(relay(&world).await, Relayed::Nothing);
    world.retry().execute(&ada, id).await.unwrap();
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

#[tokio::test]
async fn the_job_of_a_cancelled_transcription_is_not_announced() {
    let (world, ada, id) = with_a_job().await;
    world.lease().await;
    world.cancel().execute(&ada, id).await.unwrap();
    world.clock.advance(LeaseRules::default().duration);
    assert!(stored(&world, id).await.unwrap().is_available(world.clock.now()));
    assert_eq!(relay(&world).await, Relayed::Nothing);
}

#[tokio::test]
async fn an_announcement_that_was_lost_is_repeated() {
    let (world, ..) = with_a_job().await;
    relay(&world).await;
    world.announcer.purge();
    world.clock.advance(AnnouncementRules::default().repeat_after);
    assert_eq!(relay(&world).await, Relayed::Nothing, "not yet");
    world.clock.advance(Duration::from_micros(1));
    assert_eq!(relay(&world).await, Relayed::Repeated(1));
    assert_eq!(relay(&world).await, Relayed::Nothing);
}

#[tokio::test]
async fn nothing_piles_up_where_nobody_listens() {
    let world = with_jobs(3).await;
    relay(&world).await;
    for _ in 0..10 {
        world.clock.advance(long_after());
        assert_eq!(relay(&world).await, Relayed::Nothing);
    }
}

#[tokio::test]
async fn only_as_many_announcements_are_repeated_as_are_missing() {
    let world = with_jobs(3).await;
    relay(&world).await;
    world.announcer.deliver();
    world.clock.advance(long_after());
    assert_eq!(relay(&world).await, Relayed::Repeated(1));
    world.clock.advance(long_after());
    assert_eq!(relay(&world).await, Relayed::Nothing);
}

#[tokio::test]
async fn a_lost_announcement_is_repeated_although_others_wait() {
    let (world, ..) = with_a_job().await;
    relay(&world).await;
    let lost = world.announcer.deliver();
    let bob = world.register_user("bob").await;
    world.clock.advance(long_after());
    world.upload(&bob, 90).await;
    assert_eq!(relay(&world).await, Relayed::Announced(1));
    assert_eq!(relay(&world).await, Relayed::Repeated(1));
    assert_eq!(world.announcer.announced().last().copied(), lost);
}
