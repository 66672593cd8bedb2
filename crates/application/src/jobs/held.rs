//! What the calls of workers have in common: whose the job is, and what becomes of it.

use lectern_domain::{
    time::Timestamp,
    transcription::{Chunk, Job, LeaseId, LeaseLost, LeaseRules, Transcription, TransitionError},
};

use crate::{
    error::use_case_error,
    ports::{StoreError, UnitOfWork},
};

/// Why a worker's call was refused.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The worker doesn't hold the job any more.
    #[error(transparent)]
    LeaseLost(#[from] LeaseLost),
    /// The transcription is in a state that doesn't allow it, or has no such chunk.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(JobError {
    LeaseLost => Conflict, "lease_lost";
    ..Transition, Store
});

/// The job and its transcription, if the lease is live; locked until the unit ends.
pub(super) async fn held(
    work: &mut dyn UnitOfWork,
    lease: LeaseId,
    now: Timestamp,
) -> Result<(Job, Transcription), JobError> {
    let job = work.leased_job(lease).await?.ok_or(LeaseLost)?;
    job.held(lease, now)?;
    let transcription = work.transcription(job.parts().transcription).await?.ok_or(LeaseLost)?;
    Ok((job, transcription))
}

/// Stores a chunk as part of the transcription's next revision, which is still to be saved.
pub(super) async fn chunk_stored(
    work: &mut dyn UnitOfWork,
    transcription: Transcription,
    chunk: &Chunk,
    now: Timestamp,
) -> Result<Transcription, JobError> {
    let transcription = transcription.store_chunk(chunk.number(), now)?;
    work.put_chunk(transcription.id(), chunk, transcription.parts().revision).await?;
    Ok(transcription)
}

/// Counts an error: the job rests, or is over after too many.
pub(super) async fn count_error(
    work: &mut dyn UnitOfWork,
    job: Job,
    transcription: Transcription,
    now: Timestamp,
    rules: LeaseRules,
) -> Result<Transcription, JobError> {
    let transcription = transcription.fail(now)?;
    let rested = job.rest(transcription.parts().error_count, now, rules);
    saved_with_job(work, &transcription, &rested).await?;
    Ok(transcription)
}

/// Saves the transcription with its job, which ends when there is nothing left to do.
pub(super) async fn saved_with_job(
    work: &mut dyn UnitOfWork,
    transcription: &Transcription,
    job: &Job,
) -> Result<(), StoreError> {
    work.save_transcription(transcription).await?;
    if transcription.state().is_active() {
        work.put_job(job).await
    } else {
        work.remove_job(transcription.id()).await
    }
}
