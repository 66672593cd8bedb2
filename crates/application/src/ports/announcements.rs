//! Jobs announced to workers that wait for a message rather than ask.

use async_trait::async_trait;
use lectern_domain::{
    account::UserNumber,
    time::Timestamp,
    transcription::{Job, TranscriptionId, TranscriptionNumber},
};

use super::Source;

/// What workers are told of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Announcement {
    /// What there is to do.
    pub transcription: TranscriptionNumber,
    /// Whose it is.
    pub owner: UserNumber,
    /// The transcription's id, the same however often it is announced.
    pub id: TranscriptionId,
}

/// A job that waits for a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingJob {
    /// The job.
    pub job: Job,
    /// What workers are to be told of it.
    pub announcement: Announcement,
}

/// Which of the waiting jobs, by when they were last announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastAnnounced {
    /// Not since they began to wait.
    Never,
    /// Before that moment.
    Before(Timestamp),
}

/// Why jobs were not announced. Sources name no password: they end up in the log.
#[derive(Debug, thiserror::Error)]
pub enum AnnouncerError {
    /// Nobody is there to take announcements. Trying again may help.
    #[error("the message broker is out of reach")]
    Unavailable {
        /// What was met.
        #[source]
        source: Source,
    },
    /// It is there, and does not take them. Somebody has to put it right.
    #[error("the message broker does not take announcements")]
    Refused {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// Tells workers that there are jobs. A hint that outlives this process, and no more: what there is to do, and who does
/// it, is in the database, so an announcement may come twice or too late.
#[async_trait]
pub trait JobAnnouncer: Send + Sync {
    /// Announces jobs, in that order. Once this answers `Ok`, each of them MUST be stored where it survives a restart of
    /// whoever passes it on; an error says nothing of any. It MUST answer within two minutes, whatever happens, and MUST NOT
    /// need to be told when those who were out of reach are back.
    async fn announce(&self, jobs: &[Announcement]) -> Result<(), AnnouncerError>;

    /// How many announcements wait that no worker has been given.
    async fn backlog(&self) -> Result<u64, AnnouncerError>;
}
