//! The contract of [`EventBus`]: no hint is lost, and nobody is held up.

use std::{any::Any, future::Future, sync::Arc, task::Poll};

use futures::FutureExt;
use lectern_application::ports::{EventBus, Watch};
use lectern_domain::transcription::TranscriptionId;

use super::without_hanging;
use crate::build::fresh_id;

/// A bus that nobody else uses.
pub struct EventBusFixture {
    /// The bus.
    pub bus: Arc<dyn EventBus>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

fn id() -> TranscriptionId {
    TranscriptionId(fresh_id())
}

/// Waits for a hint that has to come.
async fn hinted(watch: &mut dyn Watch) {
    without_hanging(watch.changed()).await;
}

/// Asserts that there is no hint now.
fn assert_silent(watch: &mut dyn Watch) {
    assert!(watch.changed().now_or_never().is_none(), "a hint came from nowhere");
}

/// Polls a future once with the task's own waker, and gives it up.
async fn begin_and_give_up<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    futures::poll!(&mut future)
}

/// Without news nothing is hinted.
pub async fn without_news_there_is_no_hint(fixture: &EventBusFixture) {
    for mut watch in [fixture.bus.watch(id()), fixture.bus.watch_jobs()] {
        assert!(begin_and_give_up(watch.changed()).await.is_pending());
    }
}

/// Hints from after the call of `watch` MUST NOT be lost, even if nobody waits for them yet.
pub async fn a_hint_before_anybody_waits_is_not_lost(fixture: &EventBusFixture) {
    let id = id();
    let mut watch = fixture.bus.watch(id);
    fixture.bus.publish(id);
    hinted(watch.as_mut()).await;
}

/// A hint wakes whoever waits.
pub async fn a_hint_wakes_who_waits(fixture: &EventBusFixture) {
    let id = id();
    let mut watch = fixture.bus.watch(id);
    let (waits, waiting) = tokio::sync::oneshot::channel();
    let woken = tokio::spawn(async move {
        let mut changed = watch.changed();
        assert!(futures::poll!(&mut changed).is_pending());
        waits.send(()).unwrap();
        changed.await;
    });
    waiting.await.unwrap();
    fixture.bus.publish(id);
    without_hanging(woken).await.unwrap();
}

/// Waiting MUST be cancel-safe: a hint that came while nobody waited is answered by the next call.
pub async fn giving_up_waiting_loses_no_hint(fixture: &EventBusFixture) {
    let id = id();
    let mut watch = fixture.bus.watch(id);
    assert!(begin_and_give_up(watch.changed()).await.is_pending());
    fixture.bus.publish(id);
    hinted(watch.as_mut()).await;
}

/// Nor does giving up while others' news come in.
pub async fn giving_up_among_others_news_loses_no_hint(fixture: &EventBusFixture) {
    let (id, other) = (id(), id());
    let mut watch = fixture.bus.watch(id);
    for _ in 0..10 {
        fixture.bus.publish(other);
        assert!(begin_and_give_up(watch.changed()).await.is_pending());
    }
    fixture.bus.publish(id);
    hinted(watch.as_mut()).await;
}

/// A watch hears of its own transcription only, and not of jobs.
pub async fn others_news_are_not_hinted(fixture: &EventBusFixture) {
    let (id, other) = (id(), id());
    let mut watch = fixture.bus.watch(id);
    let mut others = fixture.bus.watch(other);
    fixture.bus.publish(other);
    fixture.bus.announce_job();
    hinted(others.as_mut()).await;
    assert_silent(watch.as_mut());
}

/// Every watch of a transcription hears of it.
pub async fn all_watches_of_a_transcription_are_hinted(fixture: &EventBusFixture) {
    let id = id();
    let mut watches = [fixture.bus.watch(id), fixture.bus.watch(id), fixture.bus.watch(id)];
    fixture.bus.publish(id);
    for watch in &mut watches {
        hinted(watch.as_mut()).await;
    }
}

/// Several hints may be answered as one, and never as more than there were.
pub async fn hints_are_not_multiplied(fixture: &EventBusFixture) {
    let id = id();
    let mut watch = fixture.bus.watch(id);
    for _ in 0..3 {
        fixture.bus.publish(id);
    }
    hinted(watch.as_mut()).await;
    let more = std::iter::from_fn(|| watch.changed().now_or_never()).take(3).count();
    assert!(more <= 2, "three hints were answered as {}", more + 1);
}

/// After a hint was answered, the next one is answered too.
pub async fn every_later_hint_is_answered(fixture: &EventBusFixture) {
    let id = id();
    let mut watch = fixture.bus.watch(id);
    for _ in 0..10 {
        fixture.bus.publish(id);
        hinted(watch.as_mut()).await;
    }
}

/// However much happens while nobody waits, a watch learns that there was something.
pub async fn a_slow_watch_still_learns_of_its_news(fixture: &EventBusFixture) {
    let (id, other) = (id(), id());
    let mut watch = fixture.bus.watch(id);
    fixture.bus.publish(id);
    for _ in 0..5_000 {
        fixture.bus.publish(other);
    }
    hinted(watch.as_mut()).await;
}

/// An announced job reaches everybody who watches the queue.
pub async fn an_announced_job_reaches_all_watches(fixture: &EventBusFixture) {
    let mut watches = [fixture.bus.watch_jobs(), fixture.bus.watch_jobs(), fixture.bus.watch_jobs()];
    for _ in 0..3 {
        fixture.bus.announce_job();
        for watch in &mut watches {
            hinted(watch.as_mut()).await;
        }
    }
}

/// Giving up waiting for a job loses no announcement.
pub async fn giving_up_waiting_for_a_job_loses_no_announcement(fixture: &EventBusFixture) {
    let mut watch = fixture.bus.watch_jobs();
    assert!(begin_and_give_up(watch.changed()).await.is_pending());
    fixture.bus.announce_job();
    hinted(watch.as_mut()).await;
}

/// News of a transcription are no announcement of a job.
pub async fn news_are_no_jobs(fixture: &EventBusFixture) {
    let id = id();
    let mut jobs = fixture.bus.watch_jobs();
    let mut watch = fixture.bus.watch(id);
    fixture.bus.publish(id);
    hinted(watch.as_mut()).await;
    assert_silent(jobs.as_mut());
}

/// An announced mail reaches everybody who watches the outbox, even those who gave up waiting before.
pub async fn an_announced_mail_reaches_all_watches(fixture: &EventBusFixture) {
    let mut watches = [fixture.bus.watch_mails(), fixture.bus.watch_mails()];
    for _ in 0..3 {
        assert_silent(watches[0].as_mut());
        fixture.bus.announce_mail();
        for watch in &mut watches {
            hinted(watch.as_mut()).await;
        }
    }
}

/// Mails are no jobs, and jobs no mails.
pub async fn mails_and_jobs_are_told_apart(fixture: &EventBusFixture) {
    let (mut jobs, mut mails) = (fixture.bus.watch_jobs(), fixture.bus.watch_mails());
    fixture.bus.announce_mail();
    hinted(mails.as_mut()).await;
    assert_silent(jobs.as_mut());
    fixture.bus.announce_job();
    hinted(jobs.as_mut()).await;
    assert_silent(mails.as_mut());
}

/// Publishing MUST NOT block: not without watches, and not with watches that nobody reads.
pub async fn publishing_never_blocks(fixture: &EventBusFixture) {
    let id = id();
    let bus = fixture.bus.clone();
    let publish = move || {
        for _ in 0..5_000 {
            bus.publish(id);
            bus.announce_job();
            bus.announce_mail();
        }
    };
    without_hanging(tokio::task::spawn_blocking(publish.clone())).await.unwrap();
    let _unread = (fixture.bus.watch(id), fixture.bus.watch_jobs(), fixture.bus.watch_mails());
    without_hanging(tokio::task::spawn_blocking(publish)).await.unwrap();
}

/// A watch that is dropped is in nobody's way.
pub async fn a_dropped_watch_is_in_nobodys_way(fixture: &EventBusFixture) {
    let id = id();
    drop((fixture.bus.watch(id), fixture.bus.watch_jobs()));
    let mut watch = fixture.bus.watch(id);
    fixture.bus.publish(id);
    hinted(watch.as_mut()).await;
}

/// Stamps the contract of [`EventBus`] as tests.
///
/// Takes an async expression that makes a fresh [`EventBusFixture`].
#[macro_export]
macro_rules! event_bus_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; events:
            without_news_there_is_no_hint,
            a_hint_before_anybody_waits_is_not_lost,
            a_hint_wakes_who_waits,
            giving_up_waiting_loses_no_hint,
            giving_up_among_others_news_loses_no_hint,
            others_news_are_not_hinted,
            all_watches_of_a_transcription_are_hinted,
            hints_are_not_multiplied,
            every_later_hint_is_answered,
            a_slow_watch_still_learns_of_its_news,
            an_announced_job_reaches_all_watches,
            giving_up_waiting_for_a_job_loses_no_announcement,
            news_are_no_jobs,
            an_announced_mail_reaches_all_watches,
            mails_and_jobs_are_told_apart,
            publishing_never_blocks,
            a_dropped_watch_is_in_nobodys_way,
        );
    };
}
