//! Rows, and how they become values of the domain.
//!
//! A row holds what SQLite holds: integers, texts, bytes. Everything is checked on the way in to the domain, and what is
//! invalid is reported by table, column and row, as [`StoreError::Corrupt`].

#![expect(clippy::ref_option_ref, reason = "diesel's derive(AsChangeset) writes such types")]

use std::fmt;

use lectern_application::ports::StoreError;
use uuid::Uuid;

mod account;
mod audit;
mod challenge;
mod chunk;
mod idempotency;
mod job;
mod ledger;
mod log;
mod mail;
mod session;
mod transcription;

pub(crate) use account::{
    ALLOWED, AccountViewRow, DIRECT, RoleRow, RoleValues, UserRow, UserValues, account_view,
};
pub(crate) use audit::{AuditRow, AuditValues};
pub(crate) use challenge::{ChallengeProgress, ChallengeRow, ChallengeValues, purpose_name};
pub(crate) use chunk::{ChunkRow, ChunkValues};
pub(crate) use idempotency::{KeyRow, KeyValues, owner_bytes};
pub(crate) use job::{JobRow, JobValues, WaitingJobRow};
pub(crate) use ledger::{LedgerEntryRow, LedgerEntryValues};
pub(crate) use log::{LogRow, LogValues};
pub(crate) use mail::{MailRow, MailValues};
pub(crate) use session::{SessionProgress, SessionRow, SessionValues};
pub(crate) use transcription::{
    CHUNKS_DONE, DESCRIPTION, OWNER_NUMBER, TranscriptionProgress, TranscriptionRow, TranscriptionValues,
    TranscriptionViewRow,
};

/// The row that values come from.
#[derive(Clone, Copy)]
struct Row<'a> {
    table: &'static str,
    key: &'a dyn fmt::Display,
}

impl Row<'_> {
    /// The value of a column, or the error that names it.
    fn valid<T>(self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| StoreError::Corrupt { table: self.table, column, row: self.key.to_string() })
    }

    /// The value of a column that may be NULL.
    fn optional<C, T>(
        self,
        column: &'static str,
        cell: Option<C>,
        read: impl FnOnce(C) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        cell.map(|cell| self.valid(column, read(cell))).transpose()
    }

    /// The id in a column.
    fn uuid(self, column: &'static str, bytes: &[u8]) -> Result<Uuid, StoreError> {
        self.valid(column, Uuid::from_slice(bytes).ok())
    }
}

/// A key of bytes, shown as the UUID that it should be.
struct IdKey<'a>(&'a [u8]);

impl fmt::Display for IdKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Uuid::from_slice(self.0) {
            Ok(id) => id.fmt(f),
            Err(_) => self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}
