//! Reading one transcription.

use std::sync::Arc;

use super::{ReadError, TranscriptionRef, ownership::visible};
use crate::{
    Caller,
    ports::{Queries, TranscriptionView},
};

/// Answers a transcription. Needs `transcriptions.read`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ReadTranscription {
    pub queries: Arc<dyn Queries>,
}

impl ReadTranscription {
    /// Reads it.
    pub async fn execute(
        &self,
        caller: &Caller,
        which: impl Into<TranscriptionRef>,
    ) -> Result<TranscriptionView, ReadError> {
        visible(&*self.queries, caller, which).await
    }
}
