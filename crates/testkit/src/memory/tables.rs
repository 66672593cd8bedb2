//! What is stored, and the rules that a real database would have as constraints.

use std::collections::BTreeMap;

use lectern_application::ports::{Constraint, StoreError, TranscriptionView};
use lectern_domain::{
    account::{Login, Standing, User, UserId, UserNumber},
    audit::AuditEvent,
    challenge::{Challenge, ChallengeId},
    idempotency::{IdempotencyKey, IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    mail::{Mail, MailId},
    session::{Session, SessionId},
    time::Timestamp,
    transcription::{Chunk, ChunkNumber, ChunkNumbers, Job, Transcription, TranscriptionId},
};

use super::roles::Roles;

/// So much of the first chunk describes a transcription.
const DESCRIPTION_CHARS: usize = 256;

/// The whole database. A unit of work changes a copy.
#[derive(Debug, Clone, Default)]
pub(super) struct Tables {
    pub(super) roles: Roles,
    pub(super) users: BTreeMap<UserId, User>,
    pub(super) last_user_number: i64,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) transcriptions: BTreeMap<TranscriptionId, StoredTranscription>,
    pub(super) last_transcription_number: i64,
    pub(super) jobs: BTreeMap<TranscriptionId, Job>,
    /// In the order they were added.
    pub(super) ledger: Vec<LedgerEntry>,
    pub(super) keys: BTreeMap<KeyUse, IdempotencyRecord>,
    pub(super) audit: Vec<AuditEvent>,
    pub(super) challenges: BTreeMap<ChallengeId, Challenge>,
    pub(super) mails: BTreeMap<MailId, Mail>,
}

/// A transcription with its chunks and the revision that each was stored at.
#[derive(Debug, Clone)]
pub(super) struct StoredTranscription {
    pub(super) transcription: Transcription,
    pub(super) owner_number: UserNumber,
    pub(super) chunks: BTreeMap<ChunkNumber, (u32, Chunk)>,
}

impl StoredTranscription {
    pub(super) fn numbers(&self) -> ChunkNumbers {
        self.chunks.keys().copied().collect()
    }

    pub(super) fn view(&self) -> TranscriptionView {
        let first = self.chunks.get(&ChunkNumber(0));
        TranscriptionView {
            transcription: self.transcription.clone(),
            owner_number: self.owner_number,
            chunks_done: self.transcription.parts().plan.done_count(&self.numbers()),
            description: first.map(|(_, chunk)| chunk.text().chars().take(DESCRIPTION_CHARS).collect()),
        }
    }
}

/// A row that isn't there was to be changed.
#[derive(Debug)]
struct NoSuchRow(&'static str);

impl std::fmt::Display for NoSuchRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} has no such row", self.0)
    }
}

impl std::error::Error for NoSuchRow {}

/// The error of changing a row of `table` that isn't there.
pub(super) fn no_such_row(table: &'static str) -> StoreError {
    StoreError::Backend { source: Box::new(NoSuchRow(table)) }
}

/// The error of breaking a rule of the database.
pub(super) fn conflict(constraint: Constraint) -> StoreError {
    StoreError::Conflict { constraint }
}

impl Tables {
    /// The account's live sessions, the least recently used first.
    pub(super) fn live_sessions(&self, user: UserId, now: Timestamp) -> Vec<Session> {
        let live = |session: &&Session| session.parts().user == user && session.is_live(now);
        let mut live: Vec<Session> = self.sessions.values().filter(live).cloned().collect();
        // Stable, so that sessions last seen at the same minute stay in the order of their ids.
        live.sort_by_key(|session| session.parts().last_seen_at);
        live
    }

    /// Fails unless `key` is new to a table.
    pub(super) fn check_new<K: Ord, V>(
        rows: &BTreeMap<K, V>,
        key: &K,
        name: &'static str,
    ) -> Result<(), StoreError> {
        if rows.contains_key(key) { Err(conflict(Constraint::Other(name.to_owned()))) } else { Ok(()) }
    }

    /// Fails unless the row that another is to refer to is there.
    pub(super) fn check_reference<K: Ord, V>(
        rows: &BTreeMap<K, V>,
        key: &K,
        name: &'static str,
    ) -> Result<(), StoreError> {
        if rows.contains_key(key) { Ok(()) } else { Err(conflict(Constraint::Other(name.to_owned()))) }
    }

    /// The account that has that name and is not deleted.
    pub(super) fn user_by_login(&self, login: &Login) -> Option<&User> {
        self.undeleted().find(|user| has_name(user, login))
    }

    /// The account that was made last of those that had that name and are deleted.
    pub(super) fn last_deleted_by_login(&self, login: &Login) -> Option<&User> {
        let had_it = self.users.values().filter(|user| is_deleted(user) && has_name(user, login));
        had_it.max_by_key(|user| user.parts().number)
    }

    fn undeleted(&self) -> impl Iterator<Item = &User> {
        self.users.values().filter(|user| !is_deleted(user))
    }

    /// Puts an account in, if its names are free.
    pub(super) fn put_user(&mut self, user: User) -> Result<(), StoreError> {
        Self::check_reference(&self.roles.0, &user.parts().role, "users.role")?;
        if !is_deleted(&user) {
            let parts = user.parts();
            for other in self.undeleted().filter(|other| other.id() != user.id()) {
                if parts.username.is_some() && parts.username == other.parts().username {
                    return Err(conflict(Constraint::Username));
                }
                if parts.email.is_some() && parts.email == other.parts().email {
                    return Err(conflict(Constraint::Email));
                }
            }
        }
        self.users.insert(user.id(), user);
        Ok(())
    }

    /// The account's ledger entry under that key.
    pub(super) fn entry_by_key(&self, user: UserId, key: &IdempotencyKey) -> Option<&LedgerEntry> {
        let keyed = |entry: &&LedgerEntry| entry.parts().idempotency_key.as_ref() == Some(key);
        self.ledger.iter().filter(|entry| entry.parts().user == user).find(keyed)
    }

    /// An owner's transcriptions in the order they were made.
    pub(super) fn owned(&self, owner: UserId) -> Vec<&StoredTranscription> {
        let of_owner = |row: &&StoredTranscription| row.transcription.parts().owner == owner;
        let mut rows: Vec<_> = self.transcriptions.values().filter(of_owner).collect();
        rows.sort_by_key(|row| (row.transcription.parts().created_at, row.transcription.parts().number));
        rows
    }

    /// The owner's active transcription.
    pub(super) fn active(&self, owner: UserId) -> Option<&Transcription> {
        let active = |row: &&StoredTranscription| row.transcription.state().is_active();
        self.owned(owner).into_iter().find(active).map(|row| &row.transcription)
    }

    /// Fails if `transcription` is active and another one of its owner is too.
    pub(super) fn check_only_active(&self, transcription: &Transcription) -> Result<(), StoreError> {
        let other =
            self.active(transcription.parts().owner).filter(|active| active.id() != transcription.id());
        if transcription.state().is_active() && other.is_some() {
            return Err(conflict(Constraint::OneActiveTranscription));
        }
        Ok(())
    }

    /// The stored transcription of that id, to be changed.
    pub(super) fn stored(&mut self, id: TranscriptionId) -> Result<&mut StoredTranscription, StoreError> {
        self.transcriptions.get_mut(&id).ok_or_else(|| no_such_row("transcriptions"))
    }
}

fn has_name(user: &User, login: &Login) -> bool {
    match login {
        Login::Username(name) => user.parts().username.as_ref() == Some(name),
        Login::Email(email) => user.parts().email.as_ref() == Some(email),
    }
}

fn is_deleted(user: &User) -> bool {
    matches!(user.standing(), Standing::Deleted { .. })
}
