//! The durable state, and the unit of work through which it changes.

use std::fmt;

use async_trait::async_trait;
use lectern_domain::{
    access::{Role, RoleName},
    account::{Login, NewUser, User, UserId},
    audit::AuditEvent,
    idempotency::{IdempotencyKey, IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    session::{Generation, Session, SessionId},
    time::Timestamp,
    transcription::{Chunk, ChunkNumbers, Job, LeaseId, NewTranscription, Transcription, TranscriptionId},
};

use super::{ChallengeStore, MailStore, Source};

/// Why a store could not do as asked. Absence is not an error, but `None`.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the database forbids it.
    #[error("a rule of the database forbids it: {constraint}")]
    Conflict {
        /// Which rule.
        constraint: Constraint,
    },
    /// It can't be reached, or is too busy. Trying again later may help.
    #[error("the database is not available")]
    Unavailable {
        /// What was met.
        #[source]
        source: Source,
    },
    /// Another unit was in the way, and nothing was done. Doing it all again at once helps, as a rule.
    #[error("another change of the same things was in the way")]
    Contended {
        /// What was met.
        #[source]
        source: Source,
    },
    /// What is stored breaks a rule of the domain.
    #[error("the database holds an invalid value in {table}.{column} of row {row}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
    },
    /// Anything else.
    #[error("the database failed")]
    Backend {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// The rules of the database that callers have answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Constraint {
    /// User names are unique among accounts that are not deleted.
    Username,
    /// So are e-mail addresses.
    Email,
    /// So are the ids of accounts, of deleted ones too.
    UserId,
    /// Names of roles are unique.
    RoleName,
    /// An account has at most one active transcription.
    OneActiveTranscription,
    /// A key names at most one entry of an account's ledger.
    LedgerKey,
    /// A key is used once by its owner for an operation.
    IdempotencyKey,
    /// Another one, by whatever name the database has for it.
    Other(String),
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Username => "the user name is taken",
            Self::Email => "the e-mail address is taken",
            Self::UserId => "the account exists already",
            Self::RoleName => "the role exists already",
            Self::OneActiveTranscription => "another transcription is active",
            Self::LedgerKey => "the ledger has an entry under this key",
            Self::IdempotencyKey => "the key was used before",
            Self::Other(name) => name,
        })
    }
}

/// Whether a compare-and-swap won.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveOutcome {
    /// The row was as expected and is now as given.
    Saved,
    /// Somebody else was faster. Nothing changed.
    Stale,
}

/// Begins units of work.
#[async_trait]
pub trait Transactions: Send + Sync {
    /// Begins a unit of work. Waits for its turn where the database has only one writer.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// One transaction over all stores.
///
/// - Dropped without [`commit`](Self::commit), even in the middle of a call, everything MUST be rolled back and the
///   connection MUST be fit for the next unit. What it held may stay held for a moment longer.
/// - After a failed call the unit is doomed: `commit` MUST err.
/// - A row read here MUST NOT be changed by another unit before this one ends.
/// - Nothing of it MUST be visible to others before `commit` has answered, and everything afterwards.
#[async_trait]
pub trait UnitOfWork:
    UserStore
    + RoleStore
    + SessionStore
    + TranscriptionStore
    + JobStore
    + LedgerStore
    + IdempotencyStore
    + AuditStore
    + ChallengeStore
    + MailStore
    + Send
{
    /// Makes it durable: it MUST survive a crash of the process.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}

/// Accounts.
#[async_trait]
pub trait UserStore {
    /// Adds an account and numbers it; numbers are never used twice. Taken names MUST be a [`StoreError::Conflict`]
    /// with [`Constraint::Username`] or [`Constraint::Email`], compared by their keys, deleted accounts not counted; a
    /// taken id MUST be one with [`Constraint::UserId`].
    async fn insert_user(&mut self, user: NewUser) -> Result<User, StoreError>;

    /// The account of that id, deleted ones too.
    async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError>;

    /// The account that is not deleted and has that user name or e-mail address.
    async fn user_by_login(&mut self, login: &Login) -> Result<Option<User>, StoreError>;

    /// Saves an account; conflicts as in [`UserStore::insert_user`].
    async fn save_user(&mut self, user: &User) -> Result<(), StoreError>;

    /// How many accounts of that role are active. Until this unit ends, no other unit may change the answer: it is what
    /// keeps the last administrator.
    async fn count_active_users(&mut self, role: &RoleName) -> Result<u32, StoreError>;
}

/// Roles.
#[async_trait]
pub trait RoleStore {
    /// The role of that name. The built-in roles MUST always be there.
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError>;

    /// Adds a role. A taken name MUST be a [`StoreError::Conflict`] with [`Constraint::RoleName`].
    async fn insert_role(&mut self, role: &Role) -> Result<(), StoreError>;

    /// Saves what a role allows, and whether it is built in. Permissions that it allows no more MUST be gone.
    async fn save_role(&mut self, role: &Role) -> Result<(), StoreError>;

    /// Deletes a role that no account has; it MUST err if one has it. Deleting one that isn't there MUST be no error.
    async fn delete_role(&mut self, name: &RoleName) -> Result<(), StoreError>;

    /// How many accounts have that role, blocked and deleted ones too. Until this unit ends, no other unit may change
    /// the answer.
    async fn count_users(&mut self, role: &RoleName) -> Result<u32, StoreError>;

    /// Raises the epoch of every account that has that role by one, and changes nothing else of them. Any number of
    /// accounts may have it, so it SHOULD be one statement.
    async fn raise_epochs(&mut self, role: &RoleName) -> Result<(), StoreError>;
}

/// Sessions.
#[async_trait]
pub trait SessionStore {
    /// Adds a session.
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError>;

    /// The session of that id, ended and expired ones too.
    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError>;

    /// Saves a session if its stored generation still is `expected`; else it MUST be [`SaveOutcome::Stale`] and
    /// change nothing. What it was opened with (account, user agent, policy, surface, time) never changes and need not be
    /// stored again.
    async fn save_session(
        &mut self,
        session: &Session,
        expected: Generation,
    ) -> Result<SaveOutcome, StoreError>;

    /// The account's live sessions, the least recently used first.
    async fn live_sessions(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// Removes at most `limit` sessions that ended or expired before `before`, and answers how many.
    async fn purge_sessions(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError>;
}

/// Transcriptions and their chunks.
#[async_trait]
pub trait TranscriptionStore {
    /// Adds a transcription and numbers it; numbers are never used twice. A second active one of the same owner MUST
    /// be a [`StoreError::Conflict`] with [`Constraint::OneActiveTranscription`].
    async fn insert_transcription(
        &mut self,
        transcription: NewTranscription,
    ) -> Result<Transcription, StoreError>;

    /// The transcription of that id.
    async fn transcription(&mut self, id: TranscriptionId) -> Result<Option<Transcription>, StoreError>;

    /// The owner's active transcription.
    async fn active_transcription(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError>;

    /// Saves title, state, error count, revision, whether there is audio, and time of change. Conflicts as in
    /// [`TranscriptionStore::insert_transcription`].
    async fn save_transcription(&mut self, transcription: &Transcription) -> Result<(), StoreError>;

    /// Stores a chunk as part of that revision; one of the same number MUST be replaced, with its segments.
    async fn put_chunk(
        &mut self,
        id: TranscriptionId,
        chunk: &Chunk,
        revision: u32,
    ) -> Result<(), StoreError>;

    /// The numbers of the stored chunks.
    async fn chunk_numbers(&mut self, id: TranscriptionId) -> Result<ChunkNumbers, StoreError>;

    /// How many transcriptions the owner has.
    async fn count_transcriptions(&mut self, owner: UserId) -> Result<u32, StoreError>;

    /// The owner's oldest transcription that is not active.
    async fn oldest_finished(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError>;

    /// At most `limit` of the transcriptions that still have their audio and reached a final state before `before`, the
    /// earliest first. Those that another unit holds SHOULD be passed over rather than waited for.
    async fn finished_with_audio(
        &mut self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Transcription>, StoreError>;

    /// Deletes a transcription with its chunks and its job. Deleting one that isn't there MUST be no error.
    async fn delete_transcription(&mut self, id: TranscriptionId) -> Result<(), StoreError>;
}

/// Jobs: the queue.
#[async_trait]
pub trait JobStore {
    /// Adds the job of a transcription, or replaces it.
    async fn put_job(&mut self, job: &Job) -> Result<(), StoreError>;

    /// The transcription's job.
    async fn job(&mut self, id: TranscriptionId) -> Result<Option<Job>, StoreError>;

    /// The job that was last leased under that id.
    async fn leased_job(&mut self, lease: LeaseId) -> Result<Option<Job>, StoreError>;

    /// The job that has waited longest of those [available](Job::is_available) at `now`. Two units at once MUST NOT
    /// get the same job, and the second SHOULD get the next rather than wait.
    async fn next_available_job(&mut self, now: Timestamp) -> Result<Option<Job>, StoreError>;

    /// Removes a job. Removing one that isn't there MUST be no error.
    async fn remove_job(&mut self, id: TranscriptionId) -> Result<(), StoreError>;
}

/// Ledgers of balances.
#[async_trait]
pub trait LedgerStore {
    /// Adds an entry; the balance itself is saved with the account. A second entry of the account under the same key MUST
    /// be a [`StoreError::Conflict`] with [`Constraint::LedgerKey`].
    async fn insert_entry(&mut self, entry: &LedgerEntry) -> Result<(), StoreError>;

    /// The account's entry under that key.
    async fn entry_by_key(
        &mut self,
        user: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<LedgerEntry>, StoreError>;
}

/// What idempotency keys were used for.
#[async_trait]
pub trait IdempotencyStore {
    /// Adds a record. One of the same [use](KeyUse) MUST be a [`StoreError::Conflict`] with
    /// [`Constraint::IdempotencyKey`]; while another unit that added one is open, this MUST wait for its end.
    async fn insert_key(&mut self, record: &IdempotencyRecord) -> Result<(), StoreError>;

    /// Removes a record, so that its key can be used anew. Removing one that isn't there MUST be no error.
    async fn remove_key(&mut self, used: &KeyUse) -> Result<(), StoreError>;

    /// Removes at most `limit` records made before `before`, and answers how many.
    async fn purge_keys(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError>;
}

/// The audit log.
#[async_trait]
pub trait AuditStore {
    /// Appends an event.
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError>;

    /// Removes at most `limit` events from before `before`, and answers how many.
    async fn purge_audit(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError>;
}
