//! Where workers find recordings that know nothing but whose they are.

use async_trait::async_trait;
use lectern_domain::{account::UserNumber, transcription::AudioKey};

use super::AudioStoreError;

/// A recording that is to be found under its owner's number. An account has at most one active transcription, so the
/// number says which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ShelvedRecording {
    /// Whose it is.
    pub owner: UserNumber,
    /// Which.
    pub key: AudioKey,
}

/// Shows recordings to workers that open them by the number of their owner, as files on this machine.
///
/// The shelf is not the truth, but made of it anew: after a crash it may show what is over, until the next time.
#[async_trait]
pub trait WorkerShelf: Send + Sync {
    /// Shows these recordings, and no others. Under a number there MUST never be anything but all of one recording; once this
    /// answers `Ok`, each of those given MUST be under its owner's, whatever was there before, unless it is not in the audio
    /// store (its transcription was deleted meanwhile), and nothing MUST be under any other number. Doing it again MUST
    /// change nothing. What is not shown stays in the audio store as it is.
    async fn show(&self, recordings: &[ShelvedRecording]) -> Result<(), AudioStoreError>;
}
