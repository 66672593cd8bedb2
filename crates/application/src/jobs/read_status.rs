//! How far a transcription is, for workers that know its number and nothing else of it.

use std::sync::Arc;

use lectern_domain::{
    account::UserNumber,
    transcription::{Transcription, TranscriptionNumber},
};

use crate::{
    error::use_case_error,
    ports::{Queries, StoreError},
};

/// A transcription as workers see it that report by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionStatus {
    /// The transcription.
    pub transcription: Transcription,
    /// Whose it is.
    pub owner: UserNumber,
}

/// Why it can't be read.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// There is none of that number.
    #[error("there is no such transcription")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(StatusError {
    NotFound => NotFound, "transcription_not_found";
    ..Store
});

/// Answers how far a transcription is. A look is no sign of life: it does not keep a job.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ReadStatus {
    pub queries: Arc<dyn Queries>,
}

impl ReadStatus {
    /// Reads it.
    pub async fn execute(&self, number: TranscriptionNumber) -> Result<TranscriptionStatus, StatusError> {
        let view = self.queries.transcription_by_number(number).await?.ok_or(StatusError::NotFound)?;
        let owner = self.queries.account(view.transcription.parts().owner).await?;
        let owner = owner.ok_or(StatusError::NotFound)?.user.parts().number;
        Ok(TranscriptionStatus { transcription: view.transcription, owner })
    }
}
