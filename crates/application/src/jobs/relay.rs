//! Announcing jobs to workers that wait for a message.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use lectern_domain::{time::Timestamp, transcription::AnnouncementRules};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{ShelveError, ShelveRecordings};
use crate::{
    error::{chain, use_case_error},
    ports::{
        Announcement, AnnouncerError, Clock, EventBus, JobAnnouncer, LastAnnounced, Queries, StoreError,
        Transactions, WaitingJob,
    },
};

/// So many jobs are announced at once.
const BATCH: u32 = 100;
/// How long to wait for a hint before looking anyway: leases are lost, and rests end, without one.
const POLL: Duration = Duration::from_secs(1);
/// The pause after the first failure in a row; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Announces jobs. Several may do so at once, here and on other machines; that only makes announcements come twice.
///
/// Jobs are announced outside any unit of work, and marked afterwards: at least once. What they are marked with holds for
/// that waiting alone (`Job::announced`), so whatever made a job available again, it is announced anew, and no use case
/// has to think of it. If everything ends between the two, they are announced again.
///
/// An announcement may get lost after it was taken: the broker's disk breaks, somebody empties the queue, a worker hears
/// it and dies. So a job that is still available long afterwards is announced again, but only as long as fewer
/// announcements wait for workers than jobs do: without any worker, nothing piles up.
///
/// Before a job is announced, its recording is where workers look for it that know nothing but the announcement.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct RelayJobs {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub announcer: Arc<dyn JobAnnouncer>,
    /// `None`: workers get recordings in another way.
    pub shelve: Option<ShelveRecordings>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub rules: AnnouncementRules,
}

/// What there was to announce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relayed {
    /// Nothing.
    Nothing,
    /// So many jobs for the first time since they wait.
    Announced(usize),
    /// So many jobs whose announcements seem to be lost.
    Repeated(usize),
}

/// Why jobs are still not announced.
#[derive(Debug, thiserror::Error)]
pub enum RelayJobsError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Their recordings could not be shown to whoever hears of them.
    #[error(transparent)]
    Shelve(#[from] ShelveError),
    /// They could not be announced.
    #[error(transparent)]
    Announcer(#[from] AnnouncerError),
}

use_case_error!(RelayJobsError { ..Store, Shelve, Announcer });

impl RelayJobs {
    /// Announces jobs as they become available, until `shutdown`. It can stop at any point: what was announced and not
    /// marked is announced again.
    pub async fn run(&self, shutdown: CancellationToken) {
        let relay = self.keep_relaying();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = relay => {}
        }
    }

    async fn keep_relaying(&self) {
        let mut news = self.events.watch_jobs();
        let mut failures = 0_u32;
        loop {
            let relayed = self.execute().await;
            match &relayed {
                Err(error) if failures == 0 => {
                    tracing::warn!(error = chain(error), "jobs can't be announced; they wait, trying again");
                }
                Err(error) => tracing::debug!(error = chain(error), "jobs still can't be announced"),
                Ok(_) if failures > 0 => tracing::info!(failures, "jobs can be announced again"),
                Ok(_) => {}
            }
            match relayed {
                Err(_) => {
                    sleep(pause_after(failures)).await;
                    failures = failures.saturating_add(1);
                }
                Ok(relayed) => {
                    failures = 0;
                    if relayed == Relayed::Nothing {
                        // Hint or not, it is time to look then.
                        timeout(POLL, news.changed()).map(drop).await;
                    }
                }
            }
        }
    }

    /// Announces those that wait longest of the jobs that need it.
    pub async fn execute(&self) -> Result<Relayed, RelayJobsError> {
        let now = self.clock.now();
        let fresh = self.queries.waiting_jobs(now, LastAnnounced::Never, BATCH).await?;
        if !fresh.is_empty() {
            self.announce(&fresh).await?;
            tracing::debug!(jobs = fresh.len(), "jobs announced");
            return Ok(Relayed::Announced(fresh.len()));
        }
        let lost = self.lost(now).await?;
        if !lost.is_empty() {
            self.announce(&lost).await?;
            tracing::warn!(jobs = lost.len(), "jobs announced again: their announcements seem to be lost");
            return Ok(Relayed::Repeated(lost.len()));
        }
        Ok(Relayed::Nothing)
    }

    /// Jobs whose announcements are missing: of those announced long ago, as many as there are more jobs than
    /// announcements.
    async fn lost(&self, now: Timestamp) -> Result<Vec<WaitingJob>, RelayJobsError> {
        let since = now.minus(self.rules.repeat_after);
        let mut forgotten = self.queries.waiting_jobs(now, LastAnnounced::Before(since), BATCH).await?;
        if !forgotten.is_empty() {
            let announced = self.announcer.backlog().await?;
            let missing = self.queries.count_waiting_jobs(now).await?.saturating_sub(announced);
            forgotten.truncate(usize::try_from(missing).unwrap_or(usize::MAX));
        }
        Ok(forgotten)
    }

    async fn announce(&self, jobs: &[WaitingJob]) -> Result<(), RelayJobsError> {
        if let Some(shelve) = &self.shelve {
            shelve.execute().await?;
        }
        let announcements: Vec<Announcement> = jobs.iter().map(|waiting| waiting.announcement).collect();
        self.announcer.announce(&announcements).await?;
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        for waiting in jobs {
            // Whoever took it meanwhile has heard of it; if they give it back, others have not.
            let job = work.job(waiting.announcement.id).await?;
            if let Some(job) = job.filter(|job| job.waits_as(&waiting.job)) {
                work.put_job(&job.announced(now)).await?;
            }
        }
        Ok(work.commit().await?)
    }
}

fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(1 << failures.min(10)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_a_second_to_half_a_minute() {
        let pauses = [0, 1, 2, 3, 4, 5, u32::MAX].map(|failures| pause_after(failures).as_secs());
        assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30]);
    }
}
