//! Valid values, a line each.
//!
//! Each builder starts from defaults that no rule objects to, and a test names only what it is about. Ids are unique
//! within the process; times count from [`START`]. A text that the domain refuses panics.
//!
//! ```
//! use std::time::Duration;
//! use lectern_testkit::build::{chunk, transcription, user};
//!
//! let ada = user("ada").email("ada@example.org").build();
//! let lecture = transcription(ada.id).duration(Duration::from_secs(90)).title("Sorting").build();
//! let first = chunk(0, "good morning").with_segments(&[(0, 400, "good"), (400, 900, "morning")]).build();
//! # assert_eq!((lecture.owner, first.segments().len()), (ada.id, 2));
//! ```

mod chunk;
mod ledger;
mod log;
mod session;
mod transcription;
mod user;

pub use chunk::{ChunkBuilder, chunk};
pub use ledger::{LedgerEntryBuilder, key_record, key_use, ledger_entry};
pub use log::{log_entry, request_log_entry};
pub use session::{SessionBuilder, device, session};
pub use transcription::{TranscriptionBuilder, recording, transcription};
pub use user::{UserBuilder, user};

use std::time::Duration;

use lectern_application::ports::Ids;
use lectern_domain::{
    audit::{AuditEvent, AuditEventId, AuditKind, Origin},
    time::Timestamp,
};
use uuid::Uuid;

use crate::{clock::START, ids::SequentialIds};

/// A series of its own, far from that of any [`SequentialIds::default`].
static IDS: SequentialIds = SequentialIds::series(1_000);

/// An id that no other call in this process gets.
pub fn fresh_id() -> Uuid {
    IDS.next()
}

/// So many seconds after [`START`].
pub fn at(seconds: u64) -> Timestamp {
    START.plus(Duration::from_secs(seconds))
}

/// An audit event that nobody did to nobody.
pub fn audit_event(kind: AuditKind, at: Timestamp) -> AuditEvent {
    AuditEvent {
        id: AuditEventId(fresh_id()),
        at,
        kind,
        actor: None,
        subject: None,
        origin: Origin::default(),
    }
}
