//! Calling a transcription off.

use std::sync::Arc;

use lectern_domain::{access::Permission, audit::AuditKind, transcription::TranscriptionId};

use super::{ChangeError, TranscriptionRef, ownership::owned};
use crate::{
    Caller,
    metrics::finished,
    ports::{Clock, EventBus, Ids, Queries, StoreError, Transactions, TranscriptionView},
};

/// Cancels an active transcription. What is transcribed so far stays. Needs `transcriptions.update`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct CancelTranscription {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl CancelTranscription {
    /// Cancels it. A worker that is at it hears of it by its next heartbeat and may still store its last chunk; so its
    /// job stays until it lets go.
    pub async fn execute(
        &self,
        caller: &Caller,
        which: impl Into<TranscriptionRef>,
    ) -> Result<TranscriptionView, ChangeError> {
        caller.principal.require(&Permission::TRANSCRIPTIONS_UPDATE)?;
        let id = which.into().id(&*self.queries).await?.ok_or(ChangeError::NotFound)?;
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let transcription = owned(&mut *work, caller, id).await?.ok_or(ChangeError::NotFound)?;
        let transcription = transcription.cancel(now)?;
        work.save_transcription(&transcription).await?;
        if work.job(id).await?.is_some_and(|job| job.is_available(now) || job.parts().lease.is_none()) {
            work.remove_job(id).await?;
        }
        let kind = AuditKind::TranscriptionCancelled(id);
        work.record(&caller.event(&*self.ids, now, kind, caller.principal.user)).await?;
        work.commit().await?;
        finished(&transcription);
        self.events.publish(id);
        reread(&*self.queries, id).await
    }
}

/// The transcription as it is listed after a change.
pub(super) async fn reread(
    queries: &dyn Queries,
    id: TranscriptionId,
) -> Result<TranscriptionView, ChangeError> {
    let view: Result<_, StoreError> = queries.transcription(id).await;
    view?.ok_or(ChangeError::NotFound)
}
