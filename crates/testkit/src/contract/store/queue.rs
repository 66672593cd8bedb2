//! Jobs as a queue: who gets which next.

use std::{collections::HashSet, time::Duration};

use futures::future::join_all;
use lectern_domain::{
    time::Timestamp,
    transcription::{Job, LeaseId, LeaseRules, TranscriptionId, WorkerName},
};

use super::StoreFixture;
use crate::{
    build::{at, fresh_id},
    contract::without_hanging,
};

fn leased(job: Job, now: Timestamp) -> Job {
    let worker = WorkerName::parse("host-1").unwrap();
    job.lease(LeaseId(fresh_id()), worker, now, LeaseRules::default()).unwrap()
}

/// A job that has waited since then.
async fn waiting_since(fixture: &StoreFixture, since: Timestamp) -> TranscriptionId {
    let id = fixture.queued().await.id();
    fixture.put_job(&Job::enqueue(id, since)).await;
    id
}

/// The next job, which is left where it is. A unit that is dropped may hold it for a moment longer, so this one commits.
async fn next(fixture: &StoreFixture, now: Timestamp) -> Option<TranscriptionId> {
    let mut work = fixture.unit().await;
    let job = work.next_available_job(now).await.unwrap();
    work.commit().await.unwrap();
    job.map(|job| job.parts().transcription)
}

/// Nothing to do is no error.
pub async fn an_empty_queue_has_no_job(fixture: &StoreFixture) {
    assert_eq!(next(fixture, at(1)).await, None);
}

/// The next job comes back with every field.
pub async fn the_next_job_comes_back_as_it_was_put(fixture: &StoreFixture) {
    let id = waiting_since(fixture, at(0)).await;
    let lost = leased(Job::enqueue(id, at(0)), at(0));
    fixture.put_job(&lost).await;
    assert_eq!(fixture.unit().await.next_available_job(at(60)).await.unwrap(), Some(lost));
}

/// The job that has waited longest goes first, whatever the order in which jobs were put.
pub async fn the_oldest_job_goes_first(fixture: &StoreFixture) {
    let mut waiting = Vec::new();
    for since in [3, 1, 2] {
        waiting.push((since, waiting_since(fixture, at(since)).await));
    }
    waiting.sort_unstable();
    for (_, expected) in waiting {
        let mut work = fixture.unit().await;
        let job = work.next_available_job(at(10)).await.unwrap().unwrap();
        assert_eq!(job.parts().transcription, expected);
        work.put_job(&leased(job, at(10))).await.unwrap();
        work.commit().await.unwrap();
    }
    assert_eq!(next(fixture, at(10)).await, None);
}

/// A job that somebody works on is passed over until the very moment at which the lease expires.
pub async fn a_live_lease_is_passed_over_until_it_expires(fixture: &StoreFixture) {
    let first = waiting_since(fixture, at(0)).await;
    let second = waiting_since(fixture, at(1)).await;
    fixture.put_job(&leased(Job::enqueue(first, at(0)), at(10))).await;
    let expiry = at(10).plus(LeaseRules::default().duration);
    assert_eq!(next(fixture, expiry.minus(Duration::from_micros(1))).await, Some(second));
    assert_eq!(next(fixture, expiry).await, Some(first));
}

/// A job that rests is passed over until the very moment at which it is available.
pub async fn a_resting_job_is_passed_over_until_it_is_available(fixture: &StoreFixture) {
    let first = waiting_since(fixture, at(0)).await;
    let second = waiting_since(fixture, at(1)).await;
    let rules = LeaseRules::default();
    fixture.put_job(&Job::enqueue(first, at(0)).rest(1, at(10), rules)).await;
    let rested = at(10).plus(rules.error_delay);
    assert_eq!(next(fixture, rested.minus(Duration::from_micros(1))).await, Some(second));
    assert_eq!(next(fixture, rested).await, Some(first));
}

/// A job whose time has not come is not available, even if there is no other.
pub async fn a_job_of_the_future_is_not_available(fixture: &StoreFixture) {
    waiting_since(fixture, at(100)).await;
    assert_eq!(next(fixture, at(99)).await, None);
}

/// A released job goes back to where it was in the queue.
pub async fn a_released_job_is_available_again(fixture: &StoreFixture) {
    let first = waiting_since(fixture, at(0)).await;
    waiting_since(fixture, at(1)).await;
    let job = leased(Job::enqueue(first, at(0)), at(10));
    fixture.put_job(&job).await;
    let lease = job.parts().lease.as_ref().map(|lease| lease.id).unwrap();
    fixture.put_job(&job.release(lease, at(11)).unwrap()).await;
    assert_eq!(next(fixture, at(11)).await, Some(first));
}

/// A unit that gave up its job leaves it to the next.
pub async fn a_job_taken_by_a_dropped_unit_is_available(fixture: &StoreFixture) {
    let id = waiting_since(fixture, at(0)).await;
    let mut work = fixture.unit().await;
    let job = work.next_available_job(at(1)).await.unwrap().unwrap();
    work.put_job(&leased(job, at(1))).await.unwrap();
    drop(work);
    let available = without_hanging(async {
        loop {
            if let Some(id) = next(fixture, at(1)).await {
                return id;
            }
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(available.await, id);
}

/// Two units at once MUST NOT get the same job, and together they get them all.
pub async fn concurrent_units_never_get_the_same_job(fixture: &StoreFixture) {
    let mut expected = HashSet::new();
    for since in 0..20 {
        expected.insert(waiting_since(fixture, at(since)).await);
    }
    let workers = (0..4).map(|_| {
        let transactions = fixture.transactions.clone();
        tokio::spawn(async move {
            let mut taken = Vec::new();
            // With every other worker holding one, there may be none to get at the moment: five are one's share.
            while taken.len() < 5 {
                let mut work = transactions.begin().await.unwrap();
                if let Some(job) = work.next_available_job(at(100)).await.unwrap() {
                    taken.push(job.parts().transcription);
                    work.put_job(&leased(job, at(100))).await.unwrap();
                    work.commit().await.unwrap();
                }
            }
            taken
        })
    });
    let taken = without_hanging(join_all(workers)).await;
    let taken = taken.into_iter().flat_map(|taken| taken.unwrap()).collect::<Vec<_>>();
    assert_eq!(taken.len(), 20);
    assert_eq!(taken.into_iter().collect::<HashSet<_>>(), expected);
}
