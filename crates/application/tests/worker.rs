//! Jobs and the worker: leases, crashes, cancels, errors.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use lectern_application::{UseCaseError, ports::Pulse};
use lectern_domain::transcription::{StateName, WorkerName};
use lectern_testkit::{build::chunk, world::World};
use tokio_util::sync::CancellationToken;

fn worker(name: &str) -> WorkerName {
    WorkerName::parse(name).unwrap()
}

/// Runs a worker until `done`, then lets it stop.
async fn run_until(world: &World, done: impl Future<Output = ()>) {
    let shutdown = CancellationToken::new();
    let worker = world.worker("anna");
    let running = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { worker.run(shutdown).await }
    });
    done.await;
    shutdown.cancel();
    running.await.unwrap();
}

/// Waits until the only transcription of the caller's is in that state.
async fn until_state(
    world: &World,
    caller: &lectern_application::Caller,
    id: lectern_domain::transcription::TranscriptionId,
    state: StateName,
) {
    let mut news = lectern_application::ports::EventBus::watch(&*world.events, id);
    while world.read().execute(caller, id).await.unwrap().transcription.state() != state {
        news.changed().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_transcribes_chunk_by_chunk_with_times_of_the_recording() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.recognizer.then_say(&[(0, 1000, "first")]);
    world.recognizer.then_say(&[(500, 1000, "second")]);
    let id = world.upload(&ada, 100).await.transcription.id();
    run_until(&world, until_state(&world, &ada, id, StateName::Completed)).await;
    let chunks = world.queries().transcript(id).await.unwrap();
    let texts: Vec<_> = chunks.iter().map(lectern_domain::transcription::Chunk::text).collect();
    assert_eq!(texts, ["first", "second"]);
    let second = chunks.get(1).unwrap().segments().first().unwrap();
    let near_a_minute = Duration::from_secs(56)..Duration::from_secs(65);
    assert!(near_a_minute.contains(&second.start()), "{:?}", second.start());
}

#[tokio::test(start_paused = true)]
async fn a_cancel_drops_the_recogniser_at_once_and_the_state_stays_cancelled() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.recognizer.then_block();
    let id = world.upload(&ada, 100).await.transcription.id();
    let began = tokio::time::Instant::now();
    run_until(&world, async {
        world.recognizer.until_called(1).await;
        world.cancel().execute(&ada, id).await.unwrap();
        world.recognizer.until_dropped(1).await;
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    let state = world.read().execute(&ada, id).await.unwrap().transcription.state();
    assert_eq!(state, StateName::Cancelled);
    assert_eq!(world.lease_job().execute(&worker("b")).await.unwrap(), None, "no job is left");
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_told_to_stop_gives_its_job_back() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.recognizer.then_block();
    world.upload(&ada, 100).await;
    run_until(&world, world.recognizer.until_called(1)).await;
    assert_eq!(world.recognizer.dropped(), 1);
    assert!(world.lease_job().execute(&worker("b")).await.unwrap().is_some(), "at once, without waiting");
}

#[tokio::test(start_paused = true)]
async fn a_recogniser_that_fails_is_tried_three_times() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.recognizer.then_fail(3);
    let id = world.upload(&ada, 60).await.transcription.id();
    let (clock, events) = (world.clock.clone(), world.events.clone());
    // The rests between the tries pass as soon as the worker has nothing else to do.
    let time = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
            clock.advance(Duration::from_secs(1));
            lectern_application::ports::EventBus::announce_job(&*events);
        }
    });
    run_until(&world, until_state(&world, &ada, id, StateName::ProcessingFail)).await;
    time.abort();
    assert_eq!(world.recognizer.calls(), 3);
    assert_eq!(world.read().execute(&ada, id).await.unwrap().transcription.parts().error_count, 3);
}

#[tokio::test]
async fn whoever_lost_the_lease_is_refused_however_late() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.upload(&ada, 100).await;
    let lost = world.lease().await;
    world.clock.advance(world.lease_rules.duration);
    let held = world.lease().await;
    let late = world.store_chunk().execute(lost.lease, &chunk(0, "late").build()).await;
    assert_eq!(late.unwrap_err().code(), "lease_lost");
    for refused in [
        world.heartbeat_job().execute(lost.lease).await.map(|_| ()),
        world.complete_job().execute(lost.lease).await,
        world.fail_job().execute(lost.lease, "late").await,
        world.release_job().execute(lost.lease).await,
    ] {
        assert_eq!(refused.unwrap_err().code(), "lease_lost");
    }
    assert!(world.heartbeat_job().execute(held.lease).await.is_ok());
}

#[tokio::test]
async fn an_expired_lease_is_refused_even_if_nobody_took_over() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.upload(&ada, 60).await;
    let job = world.lease().await;
    world.clock.advance(world.lease_rules.duration);
    assert_eq!(world.complete_job().execute(job.lease).await.unwrap_err().code(), "lease_lost");
}

#[tokio::test]
async fn a_chunk_out_of_plan_is_refused_with_the_last_number() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.upload(&ada, 150).await;
    let job = world.lease().await;
    let refused = world.store_chunk().execute(job.lease, &chunk(3, "x").build()).await.unwrap_err();
    assert_eq!(refused.code(), "chunk_out_of_plan");
    assert_eq!(refused.to_string(), "chunk 3 is not in the plan: the last one is 2");
}

#[tokio::test]
async fn completing_without_every_chunk_is_partial() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 150).await.transcription.id();
    let job = world.lease().await;
    world.store(&job, 1, "the middle").await;
    world.complete_job().execute(job.lease).await.unwrap();
    let state = world.read().execute(&ada, id).await.unwrap().transcription.state();
    assert_eq!(state, StateName::CompletedPartially);
}

#[tokio::test]
async fn a_heartbeat_tells_of_a_cancel_and_the_last_chunk_is_taken() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 150).await.transcription.id();
    let job = world.lease().await;
    assert_eq!(world.heartbeat_job().execute(job.lease).await.unwrap(), Pulse::Continue);
    world.cancel().execute(&ada, id).await.unwrap();
    assert_eq!(world.heartbeat_job().execute(job.lease).await.unwrap(), Pulse::Cancelled);
    world.store(&job, 0, "the last").await;
    world.release_job().execute(job.lease).await.unwrap();
    let view = world.read().execute(&ada, id).await.unwrap();
    assert_eq!((view.transcription.state(), view.chunks_done), (StateName::Cancelled, 1));
}

#[tokio::test]
async fn a_recording_that_takes_workers_down_fails_in_the_end() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    let mut leases = 0_u32;
    while world.read().execute(&ada, id).await.unwrap().transcription.state() != StateName::ProcessingFail {
        if world.lease_job().execute(&worker("doomed")).await.unwrap().is_some() {
            leases += 1;
        }
        world.clock.advance(world.lease_rules.duration);
        assert!(leases <= 100, "it goes on forever");
    }
    assert_eq!(leases, world.lease_rules.max_attempts * 3);
}

#[tokio::test]
async fn a_failed_commit_stores_no_chunk() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    let id = world.upload(&ada, 60).await.transcription.id();
    let job = world.lease().await;
    world.database.fail_next_commits(1);
    assert!(world.store_chunk().execute(job.lease, &chunk(0, "x").build()).await.is_err());
    assert_eq!(world.queries().transcript(id).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_database_that_fails_for_a_while_costs_no_work() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.recognizer.then_say(&[(0, 1000, "precious")]);
    let id = world.upload(&ada, 60).await.transcription.id();
    let job_found = world.recognizer.until_called(1);
    run_until(&world, async {
        job_found.await;
        world.database.break_down();
        tokio::time::sleep(Duration::from_secs(3)).await;
        world.database.repair();
        until_state(&world, &ada, id, StateName::Completed).await;
    })
    .await;
    assert_eq!(world.recognizer.calls(), 1, "the chunk was stored later, not recognised again");
}

#[tokio::test(start_paused = true)]
async fn a_recording_that_is_gone_is_an_error_of_its_job_and_not_of_the_queue() {
    let world = World::new();
    let (ada, eve) = (world.register_user("ada").await, world.register_user("eve").await);
    let lost = world.upload(&ada, 60).await.transcription;
    world.audio_store().delete(lost.parts().recording.key).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    let next = world.upload(&eve, 60).await.transcription.id();
    run_until(&world, until_state(&world, &eve, next, StateName::Completed)).await;
    let state = world.read().execute(&ada, lost.id()).await.unwrap().transcription.state();
    assert_eq!(state, StateName::ProcessingError);
}

#[tokio::test(start_paused = true)]
async fn a_recogniser_that_hangs_is_given_up_as_an_error() {
    let world = World::new();
    let ada = world.register_user("ada").await;
    world.recognizer.then_block();
    let id = world.upload(&ada, 60).await.transcription.id();
    run_until(&world, until_state(&world, &ada, id, StateName::ProcessingError)).await;
    assert_eq!(world.recognizer.dropped(), 1);
}
