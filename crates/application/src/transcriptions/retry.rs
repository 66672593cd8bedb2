//! Trying again.

use std::sync::Arc;

use lectern_domain::{
    access::Permission,
    transcription::{Job, TranscriptionId},
};

use super::{AlreadyActive, ChangeError, cancel::reread, ownership::owned};
use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, Constraint, EventBus, Queries, StoreError, Transactions, TranscriptionView},
};

/// Queues a transcription again that failed, was cancelled or is incomplete. Chunks are kept. Needs
/// `transcriptions.create` and an account that may interact.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct RetryTranscription {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
}

/// Why it was not queued again.
#[derive(Debug, thiserror::Error)]
pub enum RetryError {
    /// Another one is active.
    #[error(transparent)]
    Active(#[from] AlreadyActive),
    /// It can't be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

use_case_error!(RetryError { ..Active, Change });

impl From<StoreError> for RetryError {
    fn from(error: StoreError) -> Self {
        Self::Change(error.into())
    }
}

impl RetryTranscription {
    /// Queues it. Whoever held its job before has lost it.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: TranscriptionId,
    ) -> Result<TranscriptionView, RetryError> {
        let allowed = caller.principal.require_interaction(&Permission::TRANSCRIPTIONS_CREATE);
        allowed.map_err(ChangeError::from)?;
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let transcription = owned(&mut *work, caller, id).await?.ok_or(ChangeError::NotFound)?;
        let transcription = transcription.retry(now).map_err(ChangeError::from)?;
        if let Some(active) = work.active_transcription(caller.principal.user).await?
            && active.id() != id
        {
            return Err(AlreadyActive::from(&active).into());
        }
        match work.save_transcription(&transcription).await {
            // An upload was faster between the look and here.
            Err(StoreError::Conflict { constraint: Constraint::OneActiveTranscription }) => {
                drop(work);
                let mut work = self.transactions.begin().await?;
                let active = work.active_transcription(caller.principal.user).await?;
                return Err(match active {
                    Some(active) => AlreadyActive::from(&active).into(),
                    None => StoreError::Conflict { constraint: Constraint::OneActiveTranscription }.into(),
                });
            }
            result => result?,
        }
        work.put_job(&Job::enqueue(id, now)).await?;
        work.commit().await?;
        self.events.publish(id);
        self.events.announce_job();
        Ok(reread(&*self.queries, id).await?)
    }
}
