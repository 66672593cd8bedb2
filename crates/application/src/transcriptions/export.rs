//! Exporting a transcript as a file.

use std::sync::Arc;

use lectern_domain::audit::AuditKind;

use super::{ReadError, TranscriptionRef, ownership::visible};
use crate::{
    Caller,
    error::use_case_error,
    ports::{
        Clock, Document, ExportFormat, Ids, Queries, RenderError, StoreError, Transactions, Transcript,
        TranscriptRenderer, TranscriptionView,
    },
};

/// Renders what is transcribed so far. Needs `transcriptions.read`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ExportTranscript {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub renderer: Arc<dyn TranscriptRenderer>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// Nothing is transcribed yet.
    #[error("nothing of this recording is transcribed yet; try again later")]
    NoChunks,
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It can't be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ExportError {
    NoChunks => Conflict, "no_chunks";
    ..Read, Render, Store
});

impl ExportTranscript {
    /// Renders it, and says of which transcription it is.
    pub async fn execute(
        &self,
        caller: &Caller,
        which: impl Into<TranscriptionRef>,
        format: ExportFormat,
    ) -> Result<(TranscriptionView, Document), ExportError> {
        let view = visible(&*self.queries, caller, which).await?;
        let id = view.transcription.id();
        let chunks = self.queries.transcript(id).await?;
        if chunks.is_empty() {
            return Err(ExportError::NoChunks);
        }
        let transcript = Transcript { transcription: view.transcription.clone(), chunks };
        let document = self.renderer.render(transcript, format).await?;

        let subject = view.transcription.parts().owner;
        let kind = AuditKind::TranscriptExported(id);
        let mut work = self.transactions.begin().await?;
        work.record(&caller.event(&*self.ids, self.clock.now(), kind, subject)).await?;
        work.commit().await?;
        Ok((view, document))
    }
}
