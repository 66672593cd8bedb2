//! Reading the text, page by page.

use std::sync::Arc;

use lectern_domain::transcription::Chunk;

use super::{ReadError, TranscriptionRef, ownership::visible};
use crate::{
    Caller,
    ports::{Page, PageRequest, Queries, TranscriptionView},
};

/// Answers a transcription's chunks by number. Needs `transcriptions.read`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ReadChunks {
    pub queries: Arc<dyn Queries>,
}

impl ReadChunks {
    /// One page of them, with the transcription whose plan tells their times.
    pub async fn execute(
        &self,
        caller: &Caller,
        which: impl Into<TranscriptionRef>,
        page: PageRequest,
    ) -> Result<(TranscriptionView, Page<Chunk>), ReadError> {
        let view = visible(&*self.queries, caller, which).await?;
        let page = self.queries.chunks(view.transcription.id(), page).await?;
        Ok((view, page))
    }
}
