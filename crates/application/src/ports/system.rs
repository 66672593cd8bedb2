//! Time and ids: everything that would make a run differ from the one before.

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
