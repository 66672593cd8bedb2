//! How long things are kept, and how much went.

use std::time::Duration;

use crate::metrics::catalogue::PURGED;

/// How long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// The audio of transcriptions, after they ended in whatever way; their text stays. `None`: for good.
    pub audio: Option<Duration>,
    /// Sessions, after they ended or expired.
    pub sessions: Duration,
    /// Audit events.
    pub audit: Duration,
    /// Lines of the server's log that are in the database.
    pub log: Duration,
    /// The most lines of the server's log in the database, whatever their age; the oldest go first.
    pub log_rows: u64,
    /// What idempotency keys were used for: so long a request can be sent again.
    pub keys: Duration,
    /// Challenges, after they expired.
    pub challenges: Duration,
    /// Recordings that no transcription refers to: younger ones may belong to an upload under way.
    pub unreferenced_audio: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        let days = |n: u64| Duration::from_hours(24 * n);
        Self {
            audio: Some(days(365)),
            sessions: days(30),
            audit: days(180),
            log: days(14),
            log_rows: 5_000_000,
            keys: days(1),
            challenges: days(1),
            unreferenced_audio: days(1),
        }
    }
}

/// How much was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "as the fields of Retention")]
pub struct Purged {
    pub audio: u32,
    pub sessions: u32,
    pub audit: u32,
    /// Because of their age, or because there were too many.
    pub log: u32,
    pub keys: u32,
    pub challenges: u32,
    pub unreferenced_audio: u32,
}

/// What is purged, as it is called in metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sessions,
    Audit,
    Log,
    Keys,
    Challenges,
    Audio,
    UnreferencedAudio,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Audit => "audit_events",
            Self::Log => "log_entries",
            Self::Keys => "idempotency_keys",
            Self::Challenges => "challenges",
            Self::Audio => "audio",
            Self::UnreferencedAudio => "unreferenced_audio",
        }
    }

    /// Measures what was removed.
    pub(super) fn count(self, removed: u32) {
        PURGED.of([self.as_str()]).increment(removed.into());
    }
}
