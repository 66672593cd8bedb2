//! Deleting a transcription.

use std::sync::Arc;

use lectern_domain::{access::Permission, audit::AuditKind, transcription::TranscriptionId};

use super::{ChangeError, ownership::owned};
use crate::{
    Caller,
    ports::{AudioStore, Clock, EventBus, Ids, Transactions},
};

/// Deletes a transcription with its text and its recording, in whatever state. Needs `transcriptions.delete`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct DeleteTranscription {
    pub transactions: Arc<dyn Transactions>,
    pub audio: Arc<dyn AudioStore>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl DeleteTranscription {
    /// Deletes it. A worker that is at it finds its lease gone.
    pub async fn execute(&self, caller: &Caller, id: TranscriptionId) -> Result<(), ChangeError> {
        caller.principal.require(&Permission::TRANSCRIPTIONS_DELETE)?;
        let mut work = self.transactions.begin().await?;
        let transcription = owned(&mut *work, caller, id).await?.ok_or(ChangeError::NotFound)?;
        work.delete_transcription(id).await?;
        let kind = AuditKind::TranscriptionDeleted(id);
        work.record(&caller.event(&*self.ids, self.clock.now(), kind, caller.principal.user)).await?;
        work.commit().await?;
        self.events.publish(id);
        let key = transcription.parts().recording.key;
        if let Err(error) = self.audio.delete(key).await {
            // Nothing refers to it any more: the purge finds it later.
            tracing::warn!(audio_key = %key.0, %error, "could not delete the audio of a deleted transcription");
        }
        Ok(())
    }
}
