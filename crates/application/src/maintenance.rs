//! What the service does for itself.

mod examine;
mod on_duty;
mod purge;
mod readiness;
mod retention;
mod workload;

pub use examine::{ClockReading, Examination, Examine, SignIns};
pub use on_duty::OnDuty;
pub use purge::{Purge, PurgeError};
pub use readiness::{CheckReadiness, KnownReach, Need, PartState, Readiness};
pub use retention::{Purged, Retention};
pub use workload::{MeasureWorkload, MeasureWorkloadError};
