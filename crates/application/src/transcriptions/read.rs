//! Reading one transcription.

use std::sync::Arc;

use lectern_domain::transcription::TranscriptionId;

use super::{ReadError, ownership::visible};
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
        id: TranscriptionId,
    ) -> Result<TranscriptionView, ReadError> {
        visible(&*self.queries, caller, id).await
    }
}
