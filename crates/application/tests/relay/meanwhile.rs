//! What happens while jobs are being announced.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lectern_application::{
    Caller,
    jobs::{RelayJobs, Relayed},
    ports::{Announcement, AnnouncerError, JobAnnouncer},
};
use lectern_domain::transcription::TranscriptionId;
use lectern_testkit::world::World;

use crate::{relay, stored, with_a_job, with_jobs};

/// Announces, and then something happens before that is written down.
struct Interrupted {
    world: World,
    by: Interruption,
}

enum Interruption {
    Breakdown,
    Death,
    Cancel(Caller, TranscriptionId),
    Lease,
    LeaseAndRelease,
}

impl Interrupted {
    /// A relay that is interrupted so.
    fn relay(world: &World, by: Interruption) -> RelayJobs {
        RelayJobs { announcer: Arc::new(Self { world: world.clone(), by }), ..world.relay_jobs() }
    }
}

#[async_trait]
impl JobAnnouncer for Interrupted {
    async fn announce(&self, jobs: &[Announcement]) -> Result<(), AnnouncerError> {
        let world = &self.world;
        world.announcer.announce(jobs).await?;
        world.clock.advance(Duration::from_micros(1));
        match &self.by {
            Interruption::Breakdown => world.database.break_down(),
            Interruption::Death => std::future::pending().await,
            Interruption::Cancel(caller, id) => drop(world.cancel().execute(caller, *id).await.unwrap()),
            Interruption::Lease => drop(world.lease().await),
            Interruption::LeaseAndRelease => {
                let job = world.lease().await;
                world.release_job().execute(job.lease).await.unwrap();
            }
        }
        Ok(())
    }

    async fn backlog(&self) -> Result<u64, AnnouncerError> {
        self.world.announcer.backlog().await
    }
}

#[tokio::test]
async fn a_job_whose_announcement_was_not_written_down_is_announced_again() {
    let (world, ..) = with_a_job().await;
    Interrupted::relay(&world, Interruption::Breakdown).execute().await.unwrap_err();
    world.database.repair();
    assert_eq!(relay(&world).await, Relayed::Announced(1));
    assert!(matches!(world.announcer.announced().as_slice(), [one, other] if one == other));
}

#[tokio::test]
async fn whoever_dies_while_announcing_leaves_the_job_to_the_next() {
    let (world, ..) = with_a_job().await;
    let relaying = Interrupted::relay(&world, Interruption::Death);
    assert!(futures::poll!(std::pin::pin!(relaying.execute())).is_pending());
    assert_eq!((relay(&world).await, world.announcer.announced().len()), (Relayed::Announced(1), 2));
}

#[tokio::test]
async fn a_job_whose_marking_failed_is_announced_again() {
    let (world, ..) = with_a_job().await;
    world.database.fail_next_commits(1);
    world.relay_jobs().execute().await.unwrap_err();
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

#[tokio::test]
async fn a_job_that_was_cancelled_meanwhile_does_not_come_back() {
    let (world, ada, id) = with_a_job().await;
    Interrupted::relay(&world, Interruption::Cancel(ada, id)).execute().await.unwrap();
    assert_eq!(stored(&world, id).await, None);
}

#[tokio::test]
async fn a_job_that_was_taken_meanwhile_stays_its_workers() {
    let (world, _, id) = with_a_job().await;
    Interrupted::relay(&world, Interruption::Lease).execute().await.unwrap();
    let job = stored(&world, id).await.unwrap();
    assert_eq!((job.parts().lease.is_some(), job.parts().announced_at), (true, None));
}

#[tokio::test]
async fn a_job_that_was_taken_and_given_back_meanwhile_is_announced_again() {
    let (world, ..) = with_a_job().await;
    Interrupted::relay(&world, Interruption::LeaseAndRelease).execute().await.unwrap();
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_relays_at_once_do_no_harm() {
    let world = with_jobs(20).await;
    let relays = (0..4).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { while relay(&world).await != Relayed::Nothing {} })
    });
    for relay in relays.collect::<Vec<_>>() {
        relay.await.unwrap();
    }
    let mut announced: Vec<_> =
        world.announcer.announced().into_iter().map(|job| job.transcription.0).collect();
    announced.sort_unstable();
    announced.dedup();
    assert_eq!(announced, (1..=20).collect::<Vec<_>>());
}
