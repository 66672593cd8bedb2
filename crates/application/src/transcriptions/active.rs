//! One active transcription per account.

use lectern_domain::transcription::{StateName, Transcription, TranscriptionId, TranscriptionNumber};

use crate::{ErrorKind, UseCaseError};

/// Another transcription of the account is active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another recording of this account is {state}; wait for it or cancel it first")]
pub struct AlreadyActive {
    /// Its id.
    pub id: TranscriptionId,
    /// Its number.
    pub number: TranscriptionNumber,
    /// Its state.
    pub state: StateName,
}

impl From<&Transcription> for AlreadyActive {
    fn from(active: &Transcription) -> Self {
        Self { id: active.id(), number: active.parts().number, state: active.state() }
    }
}

impl UseCaseError for AlreadyActive {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Conflict
    }

    fn code(&self) -> &'static str {
        "transcription_active"
    }
}
