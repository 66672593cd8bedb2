//! The recording of a job.

use std::sync::Arc;

use lectern_domain::transcription::{LeaseId, Recording};

use super::{JobError, held::held};
use crate::{
    error::use_case_error,
    ports::{AudioStore, AudioStoreError, AudioStream, ByteRange, Clock, LocalFile, Transactions},
};

/// Opens the recording for the holder of a lease.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct OpenJobAudio {
    pub transactions: Arc<dyn Transactions>,
    pub audio: Arc<dyn AudioStore>,
    pub clock: Arc<dyn Clock>,
}

/// Why it was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenJobAudioError {
    /// The lease doesn't allow it.
    #[error(transparent)]
    Job(#[from] JobError),
    /// The recording can't be read.
    #[error(transparent)]
    Audio(#[from] AudioStoreError),
}

use_case_error!(OpenJobAudioError { ..Job, Audio });

impl OpenJobAudio {
    /// Its bytes, for a worker far away.
    pub async fn execute(
        &self,
        lease: LeaseId,
        range: Option<ByteRange>,
    ) -> Result<AudioStream, OpenJobAudioError> {
        let recording = self.recording(lease).await?;
        Ok(self.audio.read(recording.key, range).await?)
    }

    /// As a file on this machine, for a worker in this process.
    pub async fn local(&self, lease: LeaseId) -> Result<LocalFile, OpenJobAudioError> {
        let recording = self.recording(lease).await?;
        Ok(self.audio.fetch(recording.key).await?)
    }

    /// What is known of it.
    pub async fn recording(&self, lease: LeaseId) -> Result<Recording, JobError> {
        let mut work = self.transactions.begin().await?;
        let (_, transcription) = held(&mut *work, lease, self.clock.now()).await?;
        Ok(transcription.parts().recording.clone())
    }
}
