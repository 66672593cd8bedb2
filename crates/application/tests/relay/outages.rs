//! A broker or a database that comes and goes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use lectern_application::{
    ErrorKind, UseCaseError,
    jobs::{RelayJobs, Relayed},
    ports::{Announcement, AnnouncerError, JobAnnouncer},
};
use lectern_testkit::world::World;
use tokio::{sync::Notify, task::JoinHandle, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{
    Event, Level, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};

use crate::{relay, with_a_job, with_jobs};

#[tokio::test]
async fn jobs_wait_until_the_broker_is_back() {
    let (world, ..) = with_a_job().await;
    world.announcer.fail_next(2);
    for _ in 0..2 {
        let error = world.relay_jobs().execute().await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "broker_unavailable"));
    }
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

#[tokio::test]
async fn jobs_wait_while_the_broker_refuses_them() {
    let (world, ..) = with_a_job().await;
    world.announcer.refuse();
    let error = world.relay_jobs().execute().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Internal, "broker_refused"));
    world.announcer.repair();
    assert_eq!(relay(&world).await, Relayed::Announced(1));
}

/// Tells when somebody tried to announce.
struct Ringing {
    world: World,
    bell: Notify,
}

#[async_trait]
impl JobAnnouncer for Ringing {
    async fn announce(&self, jobs: &[Announcement]) -> Result<(), AnnouncerError> {
        let announced = self.world.announcer.announce(jobs).await;
        self.bell.notify_one();
        announced
    }

    async fn backlog(&self) -> Result<u64, AnnouncerError> {
        self.world.announcer.backlog().await
    }
}

/// A relay that runs until it is told to stop.
struct Running {
    ringing: Arc<Ringing>,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    fn start(world: &World) -> Self {
        let ringing = Arc::new(Ringing { world: world.clone(), bell: Notify::new() });
        let relay = RelayJobs { announcer: ringing.clone(), ..world.relay_jobs() };
        let shutdown = CancellationToken::new();
        let stopped = shutdown.clone();
        let task = tokio::spawn(async move { relay.run(stopped).await });
        Self { ringing, shutdown, task }
    }

    async fn until_tried(&self) {
        self.ringing.bell.notified().await;
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn the_loop_is_woken_by_a_job_outlives_a_database_and_ends_when_told() {
    let world = World::new();
    let (ada, bob) = (world.register_user("ada").await, world.register_user("bob").await);
    let running = Running::start(&world);
    let start = Instant::now();
    // It has looked, found nothing, and waits.
    tokio::time::sleep(Duration::from_millis(1)).await;
    world.upload(&ada, 90).await;
    running.until_tried().await;
    assert_eq!(start.elapsed(), Duration::from_millis(1), "a hint, not the next look");

    world.database.break_down();
    // Time passes by itself while all tasks wait: the loop meets the broken database.
    tokio::time::sleep(Duration::from_mins(1)).await;
    world.database.repair();
    world.upload(&bob, 90).await;
    running.until_tried().await;
    running.stop().await;
    assert_eq!(world.announcer.announced().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_hours_is_met_with_patience_and_ends_within_half_a_minute() {
    let (world, ..) = with_a_job().await;
    world.announcer.break_down();
    let running = Running::start(&world);
    tokio::time::sleep(Duration::from_hours(1)).await;
    let tries = world.announcer.tries();
    assert!((120..130).contains(&tries), "{tries}");
    world.announcer.repair();
    let repaired = Instant::now();
    while world.announcer.announced().is_empty() {
        running.until_tried().await;
    }
    assert!(repaired.elapsed() <= Duration::from_secs(30));
    running.stop().await;
}

#[tokio::test]
async fn the_loop_ends_when_told_although_the_store_never_answers() {
    let world = with_jobs(1).await;
    let _held = world.database.hold_next_commit();
    let running = Running::start(&world);
    running.until_tried().await;
    running.stop().await;
}

/// Counts what is worth an operator's attention.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_logged_once() {
    let warnings = Warnings::default();
    let _logging = tracing::subscriber::set_default(warnings.clone());
    let (world, ..) = with_a_job().await;
    world.announcer.break_down();
    let running = Running::start(&world);
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(warnings.0.load(Ordering::SeqCst), 1);
    running.stop().await;
}
