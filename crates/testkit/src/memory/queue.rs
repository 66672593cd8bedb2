//! Jobs that wait for a worker.

use lectern_application::ports::{Announcement, LastAnnounced, StoreError, WaitingJob, Workload};
use lectern_domain::{
    time::Timestamp,
    transcription::{Job, StateName, Transcription},
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

pub(super) fn workload(tables: &Tables, now: Timestamp) -> Workload {
    let active = tables.jobs.values().filter_map(|job| {
        let transcription = &tables.transcriptions.get(&job.parts().transcription)?.transcription;
        transcription.state().is_active().then_some((job, transcription.state()))
    });
    let active: Vec<_> = active.collect();
    let in_state = |wanted| active.iter().filter(|(_, state)| *state == wanted).map(|_| 1_u64).sum();
    let of_kind =
        |is_it: &dyn Fn(&Job) -> bool| active.iter().filter(|(job, _)| is_it(job)).map(|_| 1_u64).sum();
    let is_leased = |job: &Job| job.parts().lease.as_ref().is_some_and(|lease| now < lease.expires_at);
    Workload {
        queued: in_state(StateName::Queued),
        in_progress: in_state(StateName::InProgress),
        processing_error: in_state(StateName::ProcessingError),
        waiting: of_kind(&|job| job.is_available(now)),
        leased: of_kind(&is_leased),
        resting: of_kind(&|job| !job.is_available(now) && !is_leased(job)),
        waiting_since: waiting(tables, now).map(|(job, _)| job.parts().enqueued_at).min(),
        mails: tables.mails.values().map(|_| 1_u64).sum(),
    }
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
