//! Scheduled work, which one replica at a time does.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::StoreError;

/// Work that every replica could do, and that only one should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Duty {
    /// Removing what has been kept long enough.
    Purge,
    /// Announcing jobs to workers outside.
    AnnounceJobs,
    /// Taking a backup every night.
    Backup,
}

impl Duty {
    /// Its name, for the database and for the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Purge => "purge",
            Self::AnnounceJobs => "announce_jobs",
            Self::Backup => "backup",
        }
    }
}

/// A running server, by an id made when it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplicaId(pub Uuid);

/// Whose a duty is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is the one's that asked, for as long as they asked for.
    Held,
    /// It is another's.
    Taken,
}

/// Gives duties out, each for a time: a lease.
///
/// Leases are measured by one clock, the implementation's, so it does not matter what time the replicas think it is. A
/// replica that hangs may believe in a lease that is over: work under a lease MUST do no harm when it is done twice.
#[async_trait]
pub trait Duties: Send + Sync {
    /// Takes a duty for `lease` from now on, or keeps it for so long if the replica has it already. While another's lease
    /// lasts this MUST answer [`Claim::Taken`] and change nothing; once it is over, whoever asks first MUST get it.
    async fn claim(&self, duty: Duty, replica: ReplicaId, lease: Duration) -> Result<Claim, StoreError>;

    /// Gives a duty back before its time, so that another can take it at once. MUST change nothing if the duty is
    /// another's.
    async fn give_back(&self, duty: Duty, replica: ReplicaId) -> Result<(), StoreError>;
}
