//! Giving a transcription another title.

use std::sync::Arc;

use lectern_domain::{
    access::Permission,
    transcription::{Title, TranscriptionId},
};

use super::{ChangeError, cancel::reread, ownership::owned};
use crate::{
    Caller,
    ports::{Clock, EventBus, Queries, Transactions, TranscriptionView},
};

/// Renames a transcription in whatever state. Needs `transcriptions.update`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct RenameTranscription {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
}

impl RenameTranscription {
    /// Gives it a title, or takes it away.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: TranscriptionId,
        title: Option<Title>,
    ) -> Result<TranscriptionView, ChangeError> {
        caller.principal.require(&Permission::TRANSCRIPTIONS_UPDATE)?;
        let mut work = self.transactions.begin().await?;
        let transcription = owned(&mut *work, caller, id).await?.ok_or(ChangeError::NotFound)?;
        work.save_transcription(&transcription.rename(title, self.clock.now())).await?;
        work.commit().await?;
        self.events.publish(id);
        reread(&*self.queries, id).await
    }
}
