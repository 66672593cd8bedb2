//! Which transcription somebody means.

use lectern_domain::transcription::{TranscriptionId, TranscriptionNumber};

use crate::ports::{Queries, StoreError, TranscriptionView};

/// A transcription by its id, or by its number for clients with integer ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described at its type")]
pub enum TranscriptionRef {
    Id(TranscriptionId),
    Number(TranscriptionNumber),
}

impl From<TranscriptionId> for TranscriptionRef {
    fn from(id: TranscriptionId) -> Self {
        Self::Id(id)
    }
}

impl From<TranscriptionNumber> for TranscriptionRef {
    fn from(number: TranscriptionNumber) -> Self {
        Self::Number(number)
    }
}

impl TranscriptionRef {
    /// The transcription, whose ever it is.
    pub(super) async fn view(self, queries: &dyn Queries) -> Result<Option<TranscriptionView>, StoreError> {
        match self {
            Self::Id(id) => queries.transcription(id).await,
            Self::Number(number) => queries.transcription_by_number(number).await,
        }
    }

    /// Its id. There need not be a transcription of an id that was given.
    pub(super) async fn id(self, queries: &dyn Queries) -> Result<Option<TranscriptionId>, StoreError> {
        match self {
            Self::Id(id) => Ok(Some(id)),
            Self::Number(_) => Ok(self.view(queries).await?.map(|view| view.transcription.id())),
        }
    }
}
