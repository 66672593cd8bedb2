//! News among replicas.

use std::sync::Arc;

use futures::FutureExt;
use lectern_application::ports::{EventBus, Watch};
use lectern_domain::transcription::TranscriptionId;
use lectern_testkit::{build::fresh_id, clock::FakeClock};

use crate::fixture::{two_replicas, without_hanging};

async fn hinted(mut watch: Box<dyn Watch>) {
    without_hanging(watch.changed()).await;
}

#[tokio::test]
async fn the_other_replica_hears_of_a_transcription() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let id = TranscriptionId(fresh_id());
    let watch = other.redis.event_bus().watch(id);
    one.redis.event_bus().publish(id);
    hinted(watch).await;
}

#[tokio::test]
async fn the_other_replica_hears_of_jobs_and_mails() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (jobs, mails) = (other.redis.event_bus().watch_jobs(), other.redis.event_bus().watch_mails());
    one.redis.event_bus().announce_job();
    hinted(jobs).await;
    one.redis.event_bus().announce_mail();
    hinted(mails).await;
}

#[tokio::test]
async fn the_other_replica_tells_news_apart() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (id, another) = (TranscriptionId(fresh_id()), TranscriptionId(fresh_id()));
    let bus = other.redis.event_bus();
    let (mut silent, mut jobs, watch) = (bus.watch(another), bus.watch_jobs(), bus.watch(id));
    one.redis.event_bus().publish(id);
    hinted(watch).await;
    assert!(silent.changed().now_or_never().is_none());
    assert!(jobs.changed().now_or_never().is_none());
}

#[tokio::test]
async fn ones_own_news_are_hinted_once() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let (own, answer) = (TranscriptionId(fresh_id()), TranscriptionId(fresh_id()));
    let (bus, others) = (one.redis.event_bus(), other.redis.event_bus());
    let (mut watch, answered, heard) = (bus.watch(own), bus.watch(answer), others.watch(own));
    bus.publish(own);
    without_hanging(watch.changed()).await;
    hinted(heard).await;
    // What comes back from Redis comes in order, so one's own news would have been here before the answer.
    others.publish(answer);
    hinted(answered).await;
    assert!(watch.changed().now_or_never().is_none());
}

/// More than wait to be told to others: those learn that they have missed something.
#[tokio::test]
async fn a_flood_of_news_hides_none_from_the_other_replica() {
    let (one, other) = two_replicas(&Arc::new(FakeClock::default())).await;
    let id = TranscriptionId(fresh_id());
    let watch = other.redis.event_bus().watch(id);
    let bus = one.redis.event_bus();
    for _ in 0..10_000 {
        bus.publish(TranscriptionId(fresh_id()));
    }
    bus.publish(id);
    hinted(watch).await;
}
