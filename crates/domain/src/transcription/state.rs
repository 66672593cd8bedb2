//! The states, the events, and the table that connects them.
//!
//! | from \ event | started | chunk | error | finished | user cancels | worker: cancelled | retry |
//! |---|---|---|---|---|---|---|---|
//! | queued | `in_progress` | `in_progress` | error+1 | ✗ | cancelled | cancelled | ✗ |
//! | `in_progress` | same | same | error+1 | completed / `completed_partially` | cancelled | partially if chunks else cancelled | ✗ |
//! | `processing_error` | `in_progress` | `in_progress` | error+1 | completed / partially | cancelled | as above | queued |
//! | cancelled | ✗ | accepted | ✗ | `completed_partially` if chunks | ✗ | as above | queued |
//! | `completed_partially` | ✗ | accepted | ✗ | same | ✗ | same | queued |
//! | completed | ✗ | ✗ | ✗ | ✗ | ✗ | ✗ | ✗ |
//! | `processing_fail` | ✗ | ✗ | ✗ | ✗ | ✗ | ✗ | queued |
//!
//! *error+1*: the third error makes `processing_fail`, any other `processing_error`. *finished*: `completed` if every
//! planned chunk is stored, else `completed_partially`. ✗ is an [`IllegalTransition`].

use std::fmt;

use super::plan::{ChunkNumbers, ChunkPlan};
use crate::time::Timestamp;

/// So many errors make a failure.
pub const MAX_ERRORS: u8 = 3;

/// How far a transcription is. Final states know since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for a worker.
    Queued,
    /// A worker has begun.
    InProgress,
    /// A worker failed; it will be tried again.
    ProcessingError,
    /// Every planned chunk is there.
    Completed {
        /// Since when.
        at: Timestamp,
    },
    /// The worker is done, but chunks are missing.
    CompletedPartially {
        /// Since when.
        at: Timestamp,
    },
    /// Too many errors.
    ProcessingFail {
        /// Since when.
        at: Timestamp,
    },
    /// Called off.
    Cancelled {
        /// Since when.
        at: Timestamp,
    },
}

/// A state without its data: what is stored, shown and filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described at the State of the same name")]
pub enum StateName {
    Queued,
    InProgress,
    ProcessingError,
    Completed,
    CompletedPartially,
    ProcessingFail,
    Cancelled,
}

impl StateName {
    /// All of them, in the order of a transcription's life.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::InProgress,
        Self::ProcessingError,
        Self::Completed,
        Self::CompletedPartially,
        Self::ProcessingFail,
        Self::Cancelled,
    ];

    /// The name in snake case, as stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::ProcessingError => "processing_error",
            Self::Completed => "completed",
            Self::CompletedPartially => "completed_partially",
            Self::ProcessingFail => "processing_fail",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads what [`StateName::as_str`] wrote.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether a worker still has something to do. An account has at most one active transcription.
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Queued | Self::InProgress | Self::ProcessingError)
    }
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can happen to a transcription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A worker begins, or begins again.
    Started,
    /// A chunk was stored.
    ChunkStored,
    /// A worker failed.
    Failed,
    /// A worker is done.
    Finished,
    /// The owner calls it off.
    CancelledByUser,
    /// A worker stops because it was called off.
    CancelledByWorker,
    /// The owner wants it tried again.
    Retried,
}

/// The table has no such way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a transcription that is {from} can't become {to}")]
pub struct IllegalTransition {
    /// The state it is in.
    pub from: StateName,
    /// The state that the event stands for.
    pub to: StateName,
}

impl State {
    /// Its name.
    pub const fn name(self) -> StateName {
        match self {
            Self::Queued => StateName::Queued,
            Self::InProgress => StateName::InProgress,
            Self::ProcessingError => StateName::ProcessingError,
            Self::Completed { .. } => StateName::Completed,
            Self::CompletedPartially { .. } => StateName::CompletedPartially,
            Self::ProcessingFail { .. } => StateName::ProcessingFail,
            Self::Cancelled { .. } => StateName::Cancelled,
        }
    }

    /// Since when it is final, if it is.
    pub const fn finished_at(self) -> Option<Timestamp> {
        match self {
            Self::Queued | Self::InProgress | Self::ProcessingError => None,
            Self::Completed { at }
            | Self::CompletedPartially { at }
            | Self::ProcessingFail { at }
            | Self::Cancelled { at } => Some(at),
        }
    }

    /// The state of that name; final ones need the time they were reached. `None` if the two don't fit.
    pub const fn from_name(name: StateName, finished_at: Option<Timestamp>) -> Option<Self> {
        Some(match (name, finished_at) {
            (StateName::Queued, None) => Self::Queued,
            (StateName::InProgress, None) => Self::InProgress,
            (StateName::ProcessingError, None) => Self::ProcessingError,
            (StateName::Completed, Some(at)) => Self::Completed { at },
            (StateName::CompletedPartially, Some(at)) => Self::CompletedPartially { at },
            (StateName::ProcessingFail, Some(at)) => Self::ProcessingFail { at },
            (StateName::Cancelled, Some(at)) => Self::Cancelled { at },
            _ => return None,
        })
    }

    /// The table above: the next state and error count.
    pub(super) fn after(
        self,
        event: Event,
        errors: u8,
        plan: ChunkPlan,
        stored: &ChunkNumbers,
        at: Timestamp,
    ) -> Result<(Self, u8), IllegalTransition> {
        let finish = || {
            if plan.is_complete(stored) { Self::Completed { at } } else { Self::CompletedPartially { at } }
        };
        let stop = || {
            if stored.is_empty() { Self::Cancelled { at } } else { Self::CompletedPartially { at } }
        };
        let illegal = |to| Err(IllegalTransition { from: self.name(), to });

        let next = match (self, event) {
            (
                Self::Queued | Self::InProgress | Self::ProcessingError,
                Event::Started | Event::ChunkStored,
            ) => Self::InProgress,
            (Self::Queued | Self::InProgress | Self::ProcessingError, Event::Failed) => {
                let errors = errors.saturating_add(1);
                let next =
                    if errors >= MAX_ERRORS { Self::ProcessingFail { at } } else { Self::ProcessingError };
                return Ok((next, errors));
            }
            (Self::InProgress | Self::ProcessingError, Event::Finished) => finish(),
            (Self::Queued | Self::InProgress | Self::ProcessingError, Event::CancelledByUser)
            | (Self::Queued, Event::CancelledByWorker) => Self::Cancelled { at },
            (Self::InProgress | Self::ProcessingError | Self::Cancelled { .. }, Event::CancelledByWorker) => {
                if self.name() == StateName::Cancelled && stored.is_empty() {
                    self
                } else {
                    stop()
                }
            }
            (Self::Cancelled { .. }, Event::Finished) if !stored.is_empty() => {
                Self::CompletedPartially { at }
            }
            (Self::Cancelled { .. } | Self::CompletedPartially { .. }, Event::ChunkStored)
            | (Self::CompletedPartially { .. }, Event::Finished | Event::CancelledByWorker) => self,
            (
                Self::ProcessingError
                | Self::Cancelled { .. }
                | Self::CompletedPartially { .. }
                | Self::ProcessingFail { .. },
                Event::Retried,
            ) => return Ok((Self::Queued, 0)),
            (_, Event::Started | Event::ChunkStored) => return illegal(StateName::InProgress),
            (_, Event::Failed) => return illegal(StateName::ProcessingError),
            (_, Event::Finished) => return illegal(finish().name()),
            (_, Event::CancelledByUser | Event::CancelledByWorker) => return illegal(StateName::Cancelled),
            (_, Event::Retried) => return illegal(StateName::Queued),
        };
        Ok((next, errors))
    }
}
