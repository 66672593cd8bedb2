//! Whether what the service can do without for a while is there.

use lectern_domain::time::Timestamp;

/// Whether something is in reach, and since when it is or isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// As far as is known, it answers.
    InReach {
        /// Since when.
        since: Timestamp,
    },
    /// It does not, or not in time.
    OutOfReach {
        /// Since when.
        since: Timestamp,
    },
}

impl Reach {
    /// Whether it answers.
    pub const fn is_in_reach(self) -> bool {
        matches!(self, Self::InReach { .. })
    }

    /// Since when it is as it is.
    pub const fn since(self) -> Timestamp {
        match self {
            Self::InReach { since } | Self::OutOfReach { since } => since,
        }
    }
}

/// A part that the service can do without for a while: with less, or later, but without an error.
pub trait Part: Send + Sync {
    /// Its name, for the page of readiness.
    fn name(&self) -> &'static str;

    /// How it is, without asking anybody.
    fn reach(&self) -> Reach;
}
