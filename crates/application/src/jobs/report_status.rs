//! What workers report that name the transcription and no lease: the status protocol.
//!
//! The rules of that protocol are the domain's ([`Job::report`], [`Transcription::report`]). A job that somebody leased is
//! theirs: who reports on it is refused. One that failed rests as any other does, and is announced again then, but
//! whoever reports on it need not wait for that.

use std::sync::Arc;

use lectern_domain::{
    time::Timestamp,
    transcription::{
        Chunk, IllegalTransition, Job, LeaseId, LeaseRefused, LeaseRules, StateName, Transcription,
        TranscriptionNumber, TransitionError,
    },
};

use super::{
    JobError, ReadStatus, StatusError, TranscriptionStatus,
    held::{chunk_stored, count_error, saved_with_job},
};
use crate::{
    error::use_case_error,
    metrics::{catalogue::JOB_ERRORS, failed, finished},
    ports::{Clock, EventBus, Queries, StoreError, Transactions, UnitOfWork},
};

/// Takes what a worker reports: a chunk, a state, or the chunk first and then the state, all or nothing.
///
/// Reporting anything takes the job if nobody has it, and keeps it for as long as the `rules` say; whoever falls silent loses
/// it, and it is announced to others.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct ReportStatus {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub rules: LeaseRules,
}

/// What a worker reports. Nothing at all is a look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusReport {
    /// The state that it is in.
    pub state: Option<StateName>,
    /// What it recognised.
    pub chunk: Option<Chunk>,
}

/// Why a report was refused.
#[derive(Debug, thiserror::Error)]
pub enum ReportStatusError {
    /// There is no transcription of that number.
    #[error("there is no such transcription")]
    NotFound,
    /// Somebody else works on it, by a lease.
    #[error("another worker has this job")]
    HeldByAnother,
    /// Too many workers fell silent without any chunk. It was counted as an error.
    #[error("{0} workers in a row lost this job without any progress")]
    Exhausted(u32),
    /// The transcription is in a state that doesn't allow it, or has no such chunk.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ReportStatusError {
    NotFound => NotFound, "transcription_not_found";
    HeldByAnother => Conflict, "job_held";
    Exhausted => Conflict, "job_exhausted";
    ..Transition, Store
});

impl From<StatusError> for ReportStatusError {
    fn from(error: StatusError) -> Self {
        match error {
            StatusError::NotFound => Self::NotFound,
            StatusError::Store(error) => Self::Store(error),
        }
    }
}

impl From<JobError> for ReportStatusError {
    fn from(error: JobError) -> Self {
        match error {
            JobError::LeaseLost(_) => Self::HeldByAnother,
            JobError::Transition(error) => Self::Transition(error),
            JobError::Store(error) => Self::Store(error),
        }
    }
}

impl ReportStatus {
    /// Takes a report, and answers how far the transcription is then.
    pub async fn execute(
        &self,
        number: TranscriptionNumber,
        report: &StatusReport,
    ) -> Result<TranscriptionStatus, ReportStatusError> {
        let known = ReadStatus { queries: self.queries.clone() }.execute(number).await?;
        if report.state.is_none() && report.chunk.is_none() {
            return Ok(known);
        }
        let id = known.transcription.id();
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let transcription = work.transcription(id).await?.ok_or(ReportStatusError::NotFound)?;
        let was_active = transcription.state().is_active();
        let job = work.job(id).await?;
        let taken = match taken(job.clone(), &transcription, now, self.rules) {
            Ok(taken) => taken,
            Err(LeaseRefused::NotAvailable) => return Err(ReportStatusError::HeldByAnother),
            Err(refused @ LeaseRefused::Exhausted(lost)) => {
                tracing::error!(transcription = %id.0, %refused, "counting an error");
                if let Some(job) = job {
                    let transcription = count_error(&mut *work, job, transcription, now, self.rules).await?;
                    work.commit().await?;
                    failed(&transcription);
                }
                self.events.publish(id);
                return Err(ReportStatusError::Exhausted(lost));
            }
        };
        let transcription = self.reported(&mut *work, taken, transcription, report, now).await?;
        work.commit().await?;
        if was_active {
            finished(&transcription);
        }
        if report.state == Some(StateName::ProcessingError) {
            JOB_ERRORS.count([]);
            let errors = transcription.parts().error_count;
            tracing::warn!(transcription = %id.0, errors, "a worker reported an error");
        }
        self.events.publish(id);
        Ok(TranscriptionStatus { transcription, ..known })
    }

    /// The transcription after a report, saved with its job.
    async fn reported(
        &self,
        work: &mut dyn UnitOfWork,
        mut job: Option<Job>,
        mut transcription: Transcription,
        report: &StatusReport,
        now: Timestamp,
    ) -> Result<Transcription, ReportStatusError> {
        refuse_an_old_end(job.as_ref(), &transcription, report)?;
        let id = transcription.id();
        if let Some(chunk) = &report.chunk {
            transcription = chunk_stored(work, transcription, chunk, now).await?;
            let progressed = job.map(|job| job.progress(LeaseId::of_reports(id), now, self.rules));
            job = progressed.transpose().map_err(JobError::from)?;
        }
        if let Some(state) = report.state {
            let stored = work.chunk_numbers(id).await?;
            transcription = transcription.report(state, &stored, now)?;
            if state == StateName::ProcessingError {
                let errors = transcription.parts().error_count;
                job = job.map(|job| job.rest(errors, now, self.rules));
            }
        }
        if let Some(job) = job {
            saved_with_job(work, &transcription, &job).await?;
        } else {
            work.save_transcription(&transcription).await?;
            if report.state.is_some() {
                // What was called off leaves its job with whoever is at it, until their last word.
                work.remove_job(id).await?;
            }
        }
        Ok(transcription)
    }
}

/// The job in the hands of whoever reports. Of what is over they may still say a last word, without having its job, unless
/// that is somebody else's.
fn taken(
    job: Option<Job>,
    transcription: &Transcription,
    now: Timestamp,
    rules: LeaseRules,
) -> Result<Option<Job>, LeaseRefused> {
    match job {
        Some(job) if transcription.state().is_active() => job.report(now, rules).map(Some),
        Some(job) if job.is_leased_by_name(now) => Err(LeaseRefused::NotAvailable),
        _ => Ok(None),
    }
}

/// A worker that saw its job called off says a last word, and its owner may have queued it again before: that word is not
/// about the job that waits now.
fn refuse_an_old_end(
    job: Option<&Job>,
    transcription: &Transcription,
    report: &StatusReport,
) -> Result<(), TransitionError> {
    let end = report.state.filter(|state| {
        matches!(state, StateName::Completed | StateName::CompletedPartially | StateName::Cancelled)
    });
    match (end, job) {
        (Some(to), Some(job)) if job.is_queued_anew(transcription) => {
            Err(IllegalTransition { from: transcription.state(), to }.into())
        }
        _ => Ok(()),
    }
}
