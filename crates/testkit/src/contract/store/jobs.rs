//! Jobs as rows. Who gets which next is in [`queue`](super::queue).

use std::time::Duration;

use lectern_domain::{
    time::Timestamp,
    transcription::{Job, JobParts, Lease, LeaseId, LeaseRules, WorkerName},
};

use super::StoreFixture;
use crate::build::{at, fresh_id};

const PRECISE: Timestamp = Timestamp::from_micros(1_767_225_600_123_457);

fn worker() -> WorkerName {
    WorkerName::parse("host-1").unwrap()
}

/// Every field of a job comes back, with and without a lease, announced or not.
pub async fn every_field_of_a_job_comes_back(fixture: &StoreFixture) {
    let transcription = fixture.queued().await.id();
    let worker = WorkerName::parse(&"𝔘".repeat(WorkerName::MAX_CHARS)).unwrap();
    let expires_at = PRECISE.plus(Duration::from_micros(2));
    let lease = Lease { id: LeaseId(fresh_id()), worker, expires_at };
    let announced_at = PRECISE.plus(Duration::from_micros(3));
    for (lease, announced_at) in [(Some(lease), None), (None, Some(announced_at)), (None, None)] {
        let job = Job::from_parts(JobParts {
            transcription,
            attempts: u32::MAX,
            available_at: PRECISE.plus(Duration::from_micros(1)),
            enqueued_at: PRECISE,
            lease,
            announced_at,
        });
        fixture.put_job(&job).await;
        assert_eq!(fixture.job(transcription).await, Some(job));
    }
}

/// A transcription has one job: putting another replaces it, and leaves others' alone.
pub async fn putting_a_job_replaces_it(fixture: &StoreFixture) {
    let (id, other) = (fixture.queued().await.id(), fixture.queued().await.id());
    fixture.put_job(&Job::enqueue(other, at(1))).await;
    fixture.put_job(&Job::enqueue(id, at(2))).await;
    let later = Job::enqueue(id, at(3));
    fixture.put_job(&later).await;
    assert_eq!(fixture.job(id).await, Some(later));
    assert_eq!(fixture.job(other).await, Some(Job::enqueue(other, at(1))));
}

/// A transcription without a job is no error.
pub async fn a_missing_job_is_none(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    assert_eq!(fixture.job(id).await, None);
}

/// A removed job is gone, and its transcription stays.
pub async fn a_removed_job_is_gone(fixture: &StoreFixture) {
    let queued = fixture.queued().await;
    fixture.put_job(&Job::enqueue(queued.id(), at(1))).await;
    let mut work = fixture.unit().await;
    work.remove_job(queued.id()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(fixture.job(queued.id()).await, None);
    assert_eq!(fixture.view(queued.id()).await.transcription, queued);
}

/// Removing a job that isn't there MUST be no error, and dooms nothing.
pub async fn removing_a_missing_job_is_no_error(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    let mut work = fixture.unit().await;
    work.remove_job(id).await.unwrap();
    work.commit().await.unwrap();
}

/// A leased job is found by its lease, live or expired.
pub async fn a_leased_job_is_found_by_its_lease(fixture: &StoreFixture) {
    let (id, other) = (fixture.queued().await.id(), fixture.queued().await.id());
    let (lease, unknown) = (LeaseId(fresh_id()), LeaseId(fresh_id()));
    let leased = Job::enqueue(id, at(1)).lease(lease, worker(), at(1), LeaseRules::default()).unwrap();
    fixture.put_job(&leased).await;
    fixture.put_job(&Job::enqueue(other, at(1))).await;
    let mut work = fixture.unit().await;
    assert_eq!(work.leased_job(lease).await.unwrap(), Some(leased));
    assert_eq!(work.leased_job(unknown).await.unwrap(), None);
}

/// Once a job was leased anew, the earlier lease finds nothing: its holder must not get in.
pub async fn an_earlier_lease_finds_nothing(fixture: &StoreFixture) {
    let id = fixture.queued().await.id();
    let (earlier, later) = (LeaseId(fresh_id()), LeaseId(fresh_id()));
    let rules = LeaseRules::default();
    let job = Job::enqueue(id, at(0)).lease(earlier, worker(), at(0), rules).unwrap();
    fixture.put_job(&job).await;
    let job = job.lease(later, worker(), at(60), rules).unwrap();
    fixture.put_job(&job).await;
    let mut work = fixture.unit().await;
    assert_eq!(work.leased_job(earlier).await.unwrap(), None);
    assert_eq!(work.leased_job(later).await.unwrap(), Some(job));
}
