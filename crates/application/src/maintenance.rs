//! What the service does for itself.

mod purge;
mod readiness;

pub use purge::{Purge, PurgeError, Purged, Retention};
pub use readiness::{CheckReadiness, Readiness};
