//! The first half of an upload: the bytes, from the network into a staging file.

use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use lectern_domain::access::{Permission, PermissionDenied};

use super::AlreadyActive;
use crate::{
    Caller,
    error::use_case_error,
    ports::{AudioStore, AudioStoreError, Queries, StagedAudio, StoreError},
};

/// Streams a recording into a staging file, which is gone when the answer is dropped. Needs `transcriptions.create`
/// and an account that may interact.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct StageRecording {
    pub queries: Arc<dyn Queries>,
    pub audio: Arc<dyn AudioStore>,
    /// The most bytes that a recording may have.
    pub max_bytes: u64,
}

/// The client stopped sending, or sent something that can't be read as an upload.
#[derive(Debug, thiserror::Error)]
#[error("the upload was interrupted")]
pub struct UploadInterrupted;

/// Why an upload was refused.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// Another one is active.
    #[error(transparent)]
    Active(#[from] AlreadyActive),
    /// The upload did not arrive whole.
    #[error("the upload broke off before its end; send it again")]
    Interrupted,
    /// More bytes than allowed.
    #[error("the recording is larger than the {limit} bytes that are allowed")]
    TooLarge {
        /// The most bytes allowed.
        limit: u64,
    },
    /// The store failed.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(StageError {
    Interrupted => Invalid, "upload_interrupted";
    TooLarge => TooLarge, "recording_too_large", "audio";
    ..Denied, Active, Audio, Store
});

impl StageRecording {
    /// Passes if the caller may upload now: to be asked before the first byte is read, which nobody wants to send in
    /// vain.
    pub async fn permit(&self, caller: &Caller) -> Result<(), StageError> {
        caller.principal.require_interaction(&Permission::TRANSCRIPTIONS_CREATE)?;
        match self.queries.active_transcription(caller.principal.user).await? {
            Some(active) => Err(AlreadyActive::from(&active).into()),
            None => Ok(()),
        }
    }

    /// Streams `body` into a staging file. Nothing is kept in memory but the piece at hand.
    pub async fn execute(
        &self,
        caller: &Caller,
        mut body: impl Stream<Item = Result<Bytes, UploadInterrupted>> + Unpin,
    ) -> Result<StagedAudio, StageError> {
        caller.principal.require_interaction(&Permission::TRANSCRIPTIONS_CREATE)?;
        let mut file = self.audio.stage().await?;
        let mut bytes = 0_u64;
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|UploadInterrupted| StageError::Interrupted)?;
            bytes = u64::try_from(piece.len()).map_or(u64::MAX, |len| bytes.saturating_add(len));
            if bytes > self.max_bytes {
                return Err(StageError::TooLarge { limit: self.max_bytes });
            }
            file.write(piece).await?;
        }
        Ok(file.finish().await?)
    }
}
