//! Time, ids and randomness: everything that would make a run differ from the one before.

use lectern_domain::time::Timestamp;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// Makes ids.
pub trait Ids: Send + Sync {
    /// A new id. MUST be a UUIDv7 (RFC 9562, section 5.7), later ones sorting after earlier ones of one process.
    fn next(&self) -> Uuid;
}

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there are no random bytes to be had")]
pub struct NoRandomBytes;

/// Makes what nobody can guess.
pub trait Random: Send + Sync {
    /// Fills `bytes` with random ones. They MUST come from a cryptographically secure source, each call's anew.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomBytes>;
}
