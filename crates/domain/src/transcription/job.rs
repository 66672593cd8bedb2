//! The job lease: at most one worker works on a transcription, and a worker that dies loses it by itself.
//!
//! A job belongs to one transcription and is there as long as there is work. A lease has an id of its own, made anew
//! each time; workers name it in every call, so it is also the *fencing token*: whatever a worker says after its
//! lease expired and went to another is refused, however late it arrives.
//!
//! A job can be *announced* to workers that wait for a message. An announcement holds for as long as the job waits: once
//! somebody takes it, or it rests, it has to be announced anew when it is available again.

use std::time::Duration;

use uuid::Uuid;

use super::TranscriptionId;
use crate::{text::bounded_text, time::Timestamp};

bounded_text!(
    /// What a worker calls itself, for people who look for it.
    WorkerName, 100
);

impl WorkerName {
    /// Whoever reports by the transcription: they have no name.
    pub(super) fn of_reports() -> Self {
        Self("status protocol".to_owned())
    }
}

/// A lease's id and fencing token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LeaseId(pub Uuid);

/// The right to work on a job until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Its id.
    pub id: LeaseId,
    /// Who holds it.
    pub worker: WorkerName,
    /// Until when, unless it is extended.
    pub expires_at: Timestamp,
}

/// How leases work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseRules {
    /// How long a lease lasts without a heartbeat. Workers send one every third of it.
    pub duration: Duration,
    /// How long a job rests after its first error; each further one doubles it.
    pub error_delay: Duration,
    /// So many leases in a row may be lost without a chunk in between. A recording that takes its worker down with it
    /// must not do so forever.
    pub max_attempts: u32,
}

impl Default for LeaseRules {
    fn default() -> Self {
        Self { duration: Duration::from_secs(30), error_delay: Duration::from_secs(5), max_attempts: 10 }
    }
}

/// How jobs are announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnouncementRules {
    /// A job that is still available so long after its announcement may have been forgotten: by whoever passes
    /// announcements on, or by a worker that heard it and died.
    pub repeat_after: Duration,
}

impl Default for AnnouncementRules {
    fn default() -> Self {
        Self { repeat_after: Duration::from_mins(10) }
    }
}

/// Everything a job consists of, for stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobParts {
    /// What there is to do. A transcription has at most one job.
    pub transcription: TranscriptionId,
    /// Leases taken since the last progress.
    pub attempts: u32,
    /// Not to be leased before.
    pub available_at: Timestamp,
    /// Since when there is work; the oldest goes first.
    pub enqueued_at: Timestamp,
    /// Who works on it.
    pub lease: Option<Lease>,
    /// When it was last announced since it began to wait. `None`: not yet.
    pub announced_at: Option<Timestamp>,
}

/// Work to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job(JobParts);

/// The worker doesn't hold the job any more. It must stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lease has expired or was replaced; stop and lease again")]
pub struct LeaseLost;

/// The job can't be leased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeaseRefused {
    /// Somebody else works on it, or it rests.
    #[error("the job is not available")]
    NotAvailable,
    /// Too many workers lost it without any progress.
    #[error("{0} workers in a row lost this job without any progress")]
    Exhausted(u32),
}

impl Job {
    /// A new job, available at once.
    pub fn enqueue(transcription: TranscriptionId, at: Timestamp) -> Self {
        let (available_at, enqueued_at) = (at, at);
        let (lease, announced_at) = (None, None);
        Self(JobParts { transcription, attempts: 0, available_at, enqueued_at, lease, announced_at })
    }

    /// The job that a store kept.
    pub fn from_parts(parts: JobParts) -> Self {
        Self(parts)
    }

    /// All of it, to read.
    pub fn parts(&self) -> &JobParts {
        &self.0
    }

    /// Whether a worker can have it: nobody's lease is live, and it doesn't rest.
    pub fn is_available(&self, now: Timestamp) -> bool {
        self.0.available_at <= now && self.live_lease(now).is_none()
    }

    /// Leases it to `worker` under a new id.
    pub fn lease(
        self,
        id: LeaseId,
        worker: WorkerName,
        now: Timestamp,
        rules: LeaseRules,
    ) -> Result<Self, LeaseRefused> {
        if !self.is_available(now) {
            return Err(LeaseRefused::NotAvailable);
        }
        if self.0.attempts >= rules.max_attempts {
            return Err(LeaseRefused::Exhausted(self.0.attempts));
        }
        let lease = Lease { id, worker, expires_at: now.plus(rules.duration) };
        let attempts = self.0.attempts.saturating_add(1);
        Ok(Self(JobParts { attempts, lease: Some(lease), announced_at: None, ..self.0 }))
    }

    /// The holder of `id` is still there.
    pub fn extend(self, id: LeaseId, now: Timestamp, rules: LeaseRules) -> Result<Self, LeaseLost> {
        let lease = self.held(id, now)?;
        let lease = Lease { expires_at: now.plus(rules.duration), ..lease };
        Ok(Self(JobParts { lease: Some(lease), ..self.0 }))
    }

    /// The holder of `id` stored a chunk: a sign of life, and progress.
    pub fn progress(self, id: LeaseId, now: Timestamp, rules: LeaseRules) -> Result<Self, LeaseLost> {
        let job = self.extend(id, now, rules)?;
        Ok(Self(JobParts { attempts: 0, ..job.0 }))
    }

    /// The holder of `id` gives it back unfinished, for another to go on at once.
    pub fn release(self, id: LeaseId, now: Timestamp) -> Result<Self, LeaseLost> {
        self.held(id, now)?;
        let attempts = self.0.attempts.saturating_sub(1);
        Ok(Self(JobParts { attempts, available_at: now, lease: None, announced_at: None, ..self.0 }))
    }

    /// Something went wrong for the `errors`th time: the job rests for a while, longer each time.
    pub fn rest(self, errors: u8, now: Timestamp, rules: LeaseRules) -> Self {
        let doublings = u32::from(errors.saturating_sub(1)).min(16);
        let delay = rules.error_delay.saturating_mul(1 << doublings);
        let available_at = now.plus(delay);
        Self(JobParts { attempts: 0, available_at, lease: None, announced_at: None, ..self.0 })
    }

    /// The same, if it rests no longer.
    pub(super) fn rested(self, now: Timestamp) -> Self {
        Self(JobParts { available_at: self.0.available_at.min(now), ..self.0 })
    }

    /// Whether workers should be told: they can have it, and were not told since they can.
    pub fn needs_announcement(&self, now: Timestamp) -> bool {
        self.0.announced_at.is_none() && self.is_available(now)
    }

    /// Whether workers were told, but so long before `since` that it may be forgotten, as they still can have it.
    pub fn is_forgotten(&self, now: Timestamp, since: Timestamp) -> bool {
        self.0.announced_at.is_some_and(|at| at < since) && self.is_available(now)
    }

    /// Workers were told.
    pub fn announced(self, at: Timestamp) -> Self {
        Self(JobParts { announced_at: Some(at), ..self.0 })
    }

    /// Whether it still waits as it did when it was `earlier`, announced or not: nobody had it in between, it did not
    /// rest, and is not queued anew. An announcement made of `earlier` is then one of this.
    pub fn waits_as(&self, earlier: &Self) -> bool {
        let waiting = |job: &Self| JobParts { announced_at: None, ..job.0.clone() };
        waiting(self) == waiting(earlier)
    }

    /// Checks that the lease `id` is live and this job's.
    pub fn held(&self, id: LeaseId, now: Timestamp) -> Result<Lease, LeaseLost> {
        self.live_lease(now).filter(|lease| lease.id == id).cloned().ok_or(LeaseLost)
    }

    pub(super) fn live_lease(&self, now: Timestamp) -> Option<&Lease> {
        self.0.lease.as_ref().filter(|lease| now < lease.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: LeaseRules = LeaseRules {
        duration: Duration::from_secs(30),
        error_delay: Duration::from_secs(5),
        max_attempts: 3,
    };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_micros(0).plus(Duration::from_secs(seconds))
    }

    fn lease_id(n: u128) -> LeaseId {
        LeaseId(Uuid::from_u128(n))
    }

    fn worker() -> WorkerName {
        WorkerName::parse("worker").unwrap()
    }

    fn job() -> Job {
        Job::enqueue(TranscriptionId(Uuid::nil()), at(0))
    }

    #[test]
    fn only_one_worker_holds_a_job() {
        let job = job().lease(lease_id(1), worker(), at(0), RULES).unwrap();
        assert_eq!(job.lease(lease_id(2), worker(), at(29), RULES), Err(LeaseRefused::NotAvailable));
    }

    #[test]
    fn an_expired_lease_goes_to_another_and_never_comes_back() {
        let job = job().lease(lease_id(1), worker(), at(0), RULES).unwrap();
        let job = job.lease(lease_id(2), worker(), at(30), RULES).unwrap();
        assert_eq!(job.held(lease_id(1), at(30)), Err(LeaseLost));
        assert!(job.held(lease_id(2), at(30)).is_ok());
    }

    #[test]
    fn an_expired_lease_is_lost_even_if_nobody_took_it() {
        let job = job().lease(lease_id(1), worker(), at(0), RULES).unwrap();
        assert_eq!(job.extend(lease_id(1), at(30), RULES), Err(LeaseLost));
    }

    #[test]
    fn a_heartbeat_extends() {
        let job = job().lease(lease_id(1), worker(), at(0), RULES).unwrap();
        let job = job.extend(lease_id(1), at(20), RULES).unwrap();
        assert!(job.held(lease_id(1), at(49)).is_ok());
    }

    #[test]
    fn workers_that_die_without_progress_exhaust_a_job() {
        let lost = (0..3).fold(job(), |job, n| job.lease(lease_id(1), worker(), at(n * 30), RULES).unwrap());
        assert_eq!(lost.clone().lease(lease_id(2), worker(), at(90), RULES), Err(LeaseRefused::Exhausted(3)));
        let progressed = lost.progress(lease_id(1), at(60), RULES).unwrap();
        assert!(progressed.lease(lease_id(2), worker(), at(90), RULES).is_ok());
    }

    #[test]
    fn a_released_job_is_available_at_once_and_costs_no_attempt() {
        let job =
            job().lease(lease_id(1), worker(), at(0), RULES).unwrap().release(lease_id(1), at(1)).unwrap();
        assert!(job.is_available(at(1)));
        assert_eq!(job.parts().attempts, 0);
    }

    #[test]
    fn errors_make_a_job_rest_longer_each_time() {
        let job = job().rest(1, at(0), RULES);
        assert!(!job.is_available(at(4)) && job.is_available(at(5)));
        assert!(!job.clone().rest(2, at(0), RULES).is_available(at(9)));
        assert!(job.rest(2, at(0), RULES).is_available(at(10)));
    }

    fn announced() -> Job {
        job().announced(at(0))
    }

    #[test]
    fn a_job_is_to_be_announced_once_it_is_available() {
        let resting = job().rest(1, at(0), RULES);
        assert!(!resting.needs_announcement(at(4)) && resting.needs_announcement(at(5)));
        assert!(!resting.announced(at(5)).needs_announcement(at(6)));
    }

    #[test]
    fn whoever_loses_a_job_makes_it_to_be_announced_anew() {
        let leased = || announced().lease(lease_id(1), worker(), at(1), RULES).unwrap();
        assert!(!leased().needs_announcement(at(30)) && leased().needs_announcement(at(31)), "lost");
        assert!(leased().release(lease_id(1), at(2)).unwrap().needs_announcement(at(2)), "released");
        assert!(leased().rest(1, at(2), RULES).needs_announcement(at(7)), "failed");
        let kept = leased().extend(lease_id(1), at(20), RULES).unwrap();
        assert!(!kept.needs_announcement(at(49)) && kept.needs_announcement(at(50)), "lost later");
    }

    #[test]
    fn a_job_that_still_waits_after_its_announcement_is_forgotten() {
        assert!(announced().is_forgotten(at(600), at(1)));
        assert!(!announced().is_forgotten(at(600), at(0)), "too early");
        assert!(!job().is_forgotten(at(600), at(600)), "not announced");
        let leased = announced().lease(lease_id(1), worker(), at(599), RULES).unwrap();
        assert!(!leased.is_forgotten(at(600), at(600)), "taken");
    }

    #[test]
    fn an_announcement_is_of_one_waiting_only() {
        let leased = || job().lease(lease_id(1), worker(), at(1), RULES).unwrap();
        assert!(announced().waits_as(&job()));
        assert!(!leased().waits_as(&job()));
        assert!(!leased().release(lease_id(1), at(2)).unwrap().waits_as(&job()), "another may have heard it");
        assert!(!job().rest(1, at(1), RULES).waits_as(&job()));
        assert!(!Job::enqueue(TranscriptionId(Uuid::nil()), at(1)).waits_as(&job()));
    }
}
