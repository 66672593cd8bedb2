//! Jobs that wait: which have to be announced, and how many there are.

use std::time::Duration;

use lectern_application::ports::{Announcement, LastAnnounced, WaitingJob};
use lectern_domain::{
    time::Timestamp,
    transcription::{Job, LeaseId, LeaseRules, State, Transcription, TranscriptionId, WorkerName},
};

use super::{StoreFixture, in_state};
use crate::build::{at, fresh_id};

const MICROSECOND: Duration = Duration::from_micros(1);

fn leased(job: Job, now: Timestamp) -> Job {
    let worker = WorkerName::parse("host-1").unwrap();
    job.lease(LeaseId(fresh_id()), worker, now, LeaseRules::default()).unwrap()
}

/// A transcription whose job has waited since then.
async fn queued_since(fixture: &StoreFixture, since: Timestamp) -> Transcription {
    let transcription = fixture.queued().await;
    fixture.put_job(&Job::enqueue(transcription.id(), since)).await;
    transcription
}

async fn announce(fixture: &StoreFixture, id: TranscriptionId, now: Timestamp) -> Job {
    let job = fixture.job(id).await.unwrap().announced(now);
    fixture.put_job(&job).await;
    job
}

async fn listed(
    fixture: &StoreFixture,
    now: Timestamp,
    announced: LastAnnounced,
    limit: u32,
) -> Vec<WaitingJob> {
    fixture.queries.waiting_jobs(now, announced, limit).await.unwrap()
}

/// The transcriptions whose jobs wait and were last announced then.
async fn waiting(fixture: &StoreFixture, now: Timestamp, announced: LastAnnounced) -> Vec<TranscriptionId> {
    let jobs = listed(fixture, now, announced, 100).await;
    jobs.into_iter().map(|waiting| waiting.announcement.id).collect()
}

async fn count(fixture: &StoreFixture, now: Timestamp) -> u64 {
    fixture.queries.count_waiting_jobs(now).await.unwrap()
}

/// Nothing to do is no error.
pub async fn an_empty_queue_has_no_waiting_job(fixture: &StoreFixture) {
    assert_eq!(waiting(fixture, at(1), LastAnnounced::Never).await, []);
    assert_eq!(waiting(fixture, at(1), LastAnnounced::Before(at(1))).await, []);
    assert_eq!(count(fixture, at(1)).await, 0);
}

/// A waiting job comes with every field, and with what workers are told of it.
pub async fn a_waiting_job_comes_with_what_it_is_about(fixture: &StoreFixture) {
    let transcription = queued_since(fixture, at(0)).await;
    let id = transcription.id();
    let lost = leased(Job::enqueue(id, at(0)), at(0));
    fixture.put_job(&lost).await;
    let owner = fixture.queries.account(transcription.parts().owner).await.unwrap().unwrap().user;
    let announcement =
        Announcement { transcription: transcription.parts().number, owner: owner.parts().number, id };
    let never = listed(fixture, at(60), LastAnnounced::Never, 1).await;
    assert_eq!(never, [WaitingJob { job: lost, announcement }]);
    let job = announce(fixture, id, at(60)).await;
    let before = listed(fixture, at(61), LastAnnounced::Before(at(61)), 1).await;
    assert_eq!(before, [WaitingJob { job, announcement }]);
}

/// Jobs that were never announced come in the order in which they wait, and no more than were asked for.
pub async fn jobs_to_announce_come_in_the_order_of_waiting(fixture: &StoreFixture) {
    let mut expected = Vec::new();
    for since in [3, 1, 2] {
        expected.push((since, queued_since(fixture, at(since)).await.id()));
    }
    expected.sort_unstable();
    let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
    assert_eq!(waiting(fixture, at(10), LastAnnounced::Never).await, expected);
    let first = listed(fixture, at(10), LastAnnounced::Never, 2).await;
    let first: Vec<_> = first.into_iter().map(|waiting| waiting.announcement.id).collect();
    assert_eq!(first, expected.get(..2).unwrap());
}

/// An announced job is found by when that was, the earliest first, and not by that very moment.
pub async fn announced_jobs_come_in_the_order_of_announcements(fixture: &StoreFixture) {
    let one = queued_since(fixture, at(1)).await.id();
    let other = queued_since(fixture, at(2)).await.id();
    announce(fixture, one, at(20)).await;
    announce(fixture, other, at(10)).await;
    assert_eq!(waiting(fixture, at(30), LastAnnounced::Never).await, []);
    let before = |since| waiting(fixture, at(30), LastAnnounced::Before(since));
    assert_eq!(before(at(10)).await, []);
    assert_eq!(before(at(20)).await, [other]);
    assert_eq!(before(at(20).plus(MICROSECOND)).await, [other, one]);
}

/// A job that somebody works on does not wait, until the very moment at which the lease expires.
pub async fn a_leased_job_waits_once_it_is_lost(fixture: &StoreFixture) {
    let id = queued_since(fixture, at(0)).await.id();
    announce(fixture, id, at(1)).await;
    let job = fixture.job(id).await.unwrap();
    fixture.put_job(&leased(job, at(10))).await;
    let expiry = at(10).plus(LeaseRules::default().duration);
    assert_eq!(waiting(fixture, expiry.minus(MICROSECOND), LastAnnounced::Never).await, []);
    assert_eq!(count(fixture, expiry.minus(MICROSECOND)).await, 0);
    assert_eq!(waiting(fixture, expiry, LastAnnounced::Never).await, [id]);
    assert_eq!(count(fixture, expiry).await, 1);
}

/// A job that rests does not wait, until the very moment at which it is available.
pub async fn a_resting_job_waits_once_it_is_available(fixture: &StoreFixture) {
    let id = queued_since(fixture, at(0)).await.id();
    let rules = LeaseRules::default();
    fixture.put_job(&Job::enqueue(id, at(0)).rest(1, at(10), rules)).await;
    let rested = at(10).plus(rules.error_delay);
    assert_eq!(waiting(fixture, rested.minus(MICROSECOND), LastAnnounced::Never).await, []);
    assert_eq!(count(fixture, rested.minus(MICROSECOND)).await, 0);
    assert_eq!(waiting(fixture, rested, LastAnnounced::Never).await, [id]);
    assert_eq!(count(fixture, rested).await, 1);
}

/// The job of a transcription that was called off while a worker had it is nothing to wait for.
pub async fn jobs_of_finished_transcriptions_do_not_wait(fixture: &StoreFixture) {
    let transcription = queued_since(fixture, at(0)).await;
    fixture.save_transcription(&in_state(&transcription, State::Cancelled { at: at(1) })).await;
    assert_eq!(waiting(fixture, at(10), LastAnnounced::Never).await, []);
    announce(fixture, transcription.id(), at(2)).await;
    assert_eq!(waiting(fixture, at(10), LastAnnounced::Before(at(10))).await, []);
    assert_eq!(count(fixture, at(10)).await, 0);
}

/// Waiting jobs are counted whether they were announced or not.
pub async fn waiting_jobs_are_counted_announced_or_not(fixture: &StoreFixture) {
    let id = queued_since(fixture, at(0)).await.id();
    queued_since(fixture, at(0)).await;
    queued_since(fixture, at(100)).await;
    announce(fixture, id, at(1)).await;
    assert_eq!(count(fixture, at(10)).await, 2);
}
