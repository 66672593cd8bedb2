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
    /// It was kept for as long as recordings are; its text still is.
    #[error("the recording was removed, only its text was kept")]
    Removed,
    /// The recording can't be read.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
}

use_case_error!(ListenError {
    Removed => NotFound, "audio_removed";
    ..Read, Audio
});

impl ListenToRecording {
    /// All of it, or a range of its bytes.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: TranscriptionId,
        range: Option<ByteRange>,
    ) -> Result<(Transcription, AudioStream), ListenError> {
        let transcription = self.audible(caller, id).await?;
        match self.audio.read(transcription.parts().recording.key, range).await {
            Ok(stream) => Ok((transcription, stream)),
            Err(AudioStoreError::Missing) => {
                // Deleted or removed since the look? Then that is the answer; else the recording was lost.
                self.audible(caller, id).await?;
                Err(AudioStoreError::Missing.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn audible(&self, caller: &Caller, id: TranscriptionId) -> Result<Transcription, ListenError> {
        let transcription = visible(&*self.queries, caller, id).await?.transcription;
        if transcription.parts().audio_removed_at.is_some() {
            return Err(ListenError::Removed);
        }
        Ok(transcription)
    }
}
