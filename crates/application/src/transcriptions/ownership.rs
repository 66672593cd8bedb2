//! Who may see and change a transcription, and the errors that reading and changing have in common.

use lectern_domain::{
    access::{Permission, PermissionDenied},
    transcription::{Transcription, TranscriptionId, TransitionError},
};

use super::TranscriptionRef;
use crate::{
    Caller,
    error::use_case_error,
    ports::{Queries, StoreError, TranscriptionView, UnitOfWork},
};

/// Why a transcription can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It isn't there, or is another's.
    #[error("there is no such transcription")]
    NotFound,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ReadError {
    NotFound => NotFound, "transcription_not_found";
    ..Denied, Store
});

/// Why a transcription can't be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// It isn't there, or is another's.
    #[error("there is no such transcription")]
    NotFound,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// It is in a state that doesn't allow it.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ChangeError {
    NotFound => NotFound, "transcription_not_found";
    ..Denied, Transition, Store
});

/// A transcription that the caller may read: their own, or anybody's with `transcriptions.read_any`.
pub(super) async fn visible(
    queries: &dyn Queries,
    caller: &Caller,
    which: impl Into<TranscriptionRef>,
) -> Result<TranscriptionView, ReadError> {
    may_read(caller)?;
    let view = which.into().view(queries).await?.ok_or(ReadError::NotFound)?;
    let owner = view.transcription.parts().owner;
    if caller.principal.sees(owner, &Permission::TRANSCRIPTIONS_READ_ANY) {
        Ok(view)
    } else {
        Err(ReadError::NotFound)
    }
}

/// Passes if the caller may read any transcription at all.
pub(super) fn may_read(caller: &Caller) -> Result<(), PermissionDenied> {
    caller
        .principal
        .require(&Permission::TRANSCRIPTIONS_READ)
        .or_else(|denied| caller.principal.require(&Permission::TRANSCRIPTIONS_READ_ANY).map_err(|_| denied))
}

/// A transcription of the caller's own, locked until the unit ends.
pub(super) async fn owned(
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    id: TranscriptionId,
) -> Result<Option<Transcription>, StoreError> {
    let found = work.transcription(id).await?;
    Ok(found.filter(|transcription| transcription.parts().owner == caller.principal.user))
}
