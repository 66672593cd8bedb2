//! Getting the recording back.

use std::sync::Arc;

use lectern_domain::transcription::{Transcription, TranscriptionId};

use super::{ReadError, ownership::visible};
use crate::{
    Caller,
    error::use_case_error,
    ports::{AudioStore, AudioStoreError, AudioStream, ByteRange, Queries},
};

/// Answers a recording's bytes. Needs `transcriptions.read`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListenToRecording {
    pub queries: Arc<dyn Queries>,
    pub audio: Arc<dyn AudioStore>,
}

/// Why there is nothing to hear.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The transcription can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The recording can't be read.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
}

use_case_error!(ListenError { ..Read, Audio });

impl ListenToRecording {
    /// All of it, or a range of its bytes.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: TranscriptionId,
        range: Option<ByteRange>,
    ) -> Result<(Transcription, AudioStream), ListenError> {
        let view = visible(&*self.queries, caller, id).await?;
        match self.audio.read(view.transcription.parts().recording.key, range).await {
            Ok(stream) => Ok((view.transcription, stream)),
            Err(AudioStoreError::Missing) => {
                // Deleted since the look? Then there is no such transcription; else its recording was lost.
                visible(&*self.queries, caller, id).await?;
                Err(AudioStoreError::Missing.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}
