//! The first half of an upload: the bytes, from the network into a staging file.

use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use lectern_domain::{
    access::{Permission, PermissionDenied},
    idempotency::IdempotencyKey,
};

use super::{AlreadyActive, submit::key_use};
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
    /// vain. An upload under a key that was used before passes: it may be the one that is active, sent again.
    pub async fn permit(&self, caller: &Caller, key: Option<&IdempotencyKey>) -> Result<(), StageError> {
        caller.principal.require_interaction(&Permission::TRANSCRIPTIONS_CREATE)?;
        let Some(active) = self.queries.active_transcription(caller.principal.user).await? else {
            return Ok(());
        };
        // In this order: a transcription that is there was committed together with the use of its key.
        if let Some(key) = key
            && self.queries.key_record(&key_use(caller, key.clone())).await?.is_some()
        {
            return Ok(());
        }
        Err(AlreadyActive::from(&active).into())
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
