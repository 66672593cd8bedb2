//! Jobs that wait for a worker.

use lectern_application::ports::{Announcement, LastAnnounced, StoreError, WaitingJob};
use lectern_domain::{
    time::Timestamp,
    transcription::{Job, Transcription},
};

use super::tables::{Tables, no_such_row};

/// Those that a worker can have, in no particular order.
fn waiting(tables: &Tables, now: Timestamp) -> impl Iterator<Item = (&Job, &Transcription)> {
    let available = tables.jobs.values().filter(move |job| job.is_available(now));
    available.filter_map(|job| {
        let row = tables.transcriptions.get(&job.parts().transcription)?;
        row.transcription.state().is_active().then_some((job, &row.transcription))
    })
}

pub(super) fn count_waiting(tables: &Tables, now: Timestamp) -> u64 {
    waiting(tables, now).map(|_| 1_u64).sum()
}

pub(super) fn waiting_jobs(
    tables: &Tables,
    now: Timestamp,
    announced: LastAnnounced,
    limit: u32,
) -> Result<Vec<WaitingJob>, StoreError> {
    let wanted = |job: &Job| match announced {
        LastAnnounced::Never => job.needs_announcement(now),
        LastAnnounced::Before(since) => job.is_forgotten(now, since),
    };
    let mut jobs: Vec<_> = waiting(tables, now).filter(|(job, _)| wanted(job)).collect();
    jobs.sort_by_key(|(job, _)| {
        let job = job.parts();
        (job.announced_at, job.enqueued_at, job.transcription)
    });
    jobs.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let announced = jobs.into_iter().map(|(job, transcription)| {
        let transcription = transcription.parts();
        let owner = tables.users.get(&transcription.owner).ok_or_else(|| no_such_row("users"))?;
        let announcement = Announcement {
            transcription: transcription.number,
            owner: owner.parts().number,
            id: transcription.id,
        };
        Ok(WaitingJob { job: job.clone(), announcement })
    });
    announced.collect()
}
