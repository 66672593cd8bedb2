//! How much there is to do, for whoever watches over the service.

use lectern_domain::time::Timestamp;

/// What waits, and what is being done: of one moment. All of it is about transcriptions that are not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Workload {
    /// Transcriptions that nobody has begun.
    pub queued: u64,
    /// Transcriptions that somebody has begun.
    pub in_progress: u64,
    /// Transcriptions that wait for another try.
    pub processing_error: u64,
    /// Jobs that are [available](lectern_domain::transcription::Job::is_available).
    pub waiting: u64,
    /// Jobs with a live lease.
    pub leased: u64,
    /// Jobs that nobody has and nobody may have yet.
    pub resting: u64,
    /// Since when there is work that waits.
    pub waiting_since: Option<Timestamp>,
    /// Mails in the outbox.
    pub mails: u64,
}
