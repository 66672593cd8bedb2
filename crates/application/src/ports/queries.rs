//! Read models: what lists, pages and checks need, each in one statement and outside any transaction.

use std::sync::Arc;

use async_trait::async_trait;
use lectern_domain::{
    access::{Role, RoleName, RolePermissions},
    account::{AccountSearch, Login, Standing, User, UserId, UserNumber},
    idempotency::{IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    log::LogEntry,
    session::{Session, SessionId},
    time::Timestamp,
    transcription::{
        AudioKey, Chunk, SearchText, StateName, Transcription, TranscriptionId, TranscriptionNumber,
    },
};

use super::{
    AccountSnapshot, AuditEntry, AuditFilter, LastAnnounced, LogFilter, ShelvedRecording, StoreError,
    WaitingJob, Workload,
};

/// An account with its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// The account.
    pub user: User,
    /// Its role.
    pub role: Role,
}

impl AccountView {
    /// What it may do: its role's and its direct permissions together.
    pub fn rights(&self) -> RolePermissions {
        self.role.permissions.with(&self.user.parts().permissions)
    }
}

/// Which accounts to list, by how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StandingFilter {
    /// All but the deleted.
    #[default]
    Undeleted,
    /// Those that can be used.
    Active,
    /// The blocked.
    Blocked,
    /// The deleted.
    Deleted,
}

impl StandingFilter {
    /// Whether an account that stands so passes.
    pub fn takes(self, standing: Standing) -> bool {
        match standing {
            Standing::Active => matches!(self, Self::Undeleted | Self::Active),
            Standing::Blocked { .. } => matches!(self, Self::Undeleted | Self::Blocked),
            Standing::Deleted { .. } => self == Self::Deleted,
        }
    }
}

/// What a list of accounts is ordered by; what is the same in that, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AccountSort {
    /// When they were made.
    #[default]
    CreatedAt,
    /// Their numbers.
    Number,
    /// Their user names, by their keys. None comes before any.
    Username,
    /// Their e-mail addresses, by their keys. None comes before any.
    Email,
    /// When they were last used. Never comes before ever.
    LastActivityAt,
    /// What their holders sign in with, by its key: the user name, else the e-mail address.
    Login,
    /// Their balances.
    Balance,
    /// When they were deleted. Never comes before ever.
    DeletedAt,
}

/// Which names of an account a search looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchedNames {
    /// All of them.
    #[default]
    All,
    /// What its holder signs in with: the user name, else the e-mail address.
    Login,
}

/// In which direction a list is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortOrder {
    /// The least first.
    Ascending,
    /// The greatest first.
    #[default]
    Descending,
}

/// Which accounts to list, and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountFilter {
    /// Only those that it finds. Nothing in it MUST be taken for an operator or a wildcard.
    pub search: Option<AccountSearch>,
    /// Where it is looked for.
    pub searched: SearchedNames,
    /// Only those of this role.
    pub role: Option<RoleName>,
    /// Only those that stand so.
    pub standing: StandingFilter,
    /// By what they are ordered.
    pub sort: AccountSort,
    /// Whether the least or the greatest comes first.
    pub order: SortOrder,
}

/// A session with the account behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// Whose it is.
    pub account: Arc<AccountSnapshot>,
}

/// A transcription as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionView {
    /// The transcription.
    pub transcription: Transcription,
    /// The number of the account whose it is.
    pub owner_number: UserNumber,
    /// How many of its planned chunks are stored.
    pub chunks_done: u32,
    /// The first 256 characters of chunk 0, if it is stored.
    pub description: Option<String>,
}

/// What changed in a transcription since a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The transcription as it is now.
    pub view: TranscriptionView,
    /// The chunks stored since then with the revision each was stored at, oldest first.
    pub chunks: Vec<(u32, Chunk)>,
}

/// An account whose balance is not the sum of its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerMismatch {
    /// The account.
    pub user: UserId,
    /// Its balance.
    pub balance: i64,
    /// What its entries add up to, exactly: in a broken ledger that may be anything.
    pub sum: i128,
}

/// Which transcriptions to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptionFilter {
    /// Whose.
    pub owner: UserId,
    /// Only those in this state.
    pub state: Option<StateName>,
    /// Only those whose title or text has all of these words, separated by white space (as the beginnings of words,
    /// letter case ignored). Any text is allowed: nothing in it MUST be taken for an operator.
    pub search: Option<SearchText>,
}

/// Which page of a list: so many items after so many others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    offset: u64,
    size: u32,
}

impl PageRequest {
    /// The largest page. Surfaces may have smaller ones.
    pub const MAX_SIZE: u32 = 500;

    /// The first item of a list alone; its total is that of the whole list.
    pub const FIRST: Self = Self { offset: 0, size: 1 };

    /// The first 10,000 items, for clients that know no pages. Nobody gets to ask for so many by a number.
    pub const ALL_AT_ONCE: Self = Self { offset: 0, size: 10_000 };

    /// The first `size` items, or as many as a page may have.
    pub fn first(size: u32) -> Self {
        Self { offset: 0, size: size.clamp(1, Self::MAX_SIZE) }
    }

    /// Page `page` (from 1) of lists cut into pages of `size` (1 to 500); `None` if either is out of range.
    pub fn new(page: u32, size: u32) -> Option<Self> {
        Self::after(u64::from(page.checked_sub(1)?) * u64::from(size), size)
    }

    /// `size` items (1 to 500) after the first `offset`, which need not be whole pages; `None` if the size is out of range.
    pub fn after(offset: u64, size: u32) -> Option<Self> {
        (1..=Self::MAX_SIZE).contains(&size).then_some(Self { offset, size })
    }

    /// The page's number, from 1: that of the page that its first item is on.
    pub fn page(self) -> u32 {
        let before = self.offset / u64::from(self.size);
        u32::try_from(before.saturating_add(1)).unwrap_or(u32::MAX)
    }

    /// How many items a page has.
    pub fn size(self) -> u32 {
        self.size
    }

    /// How many items come before it.
    pub fn offset(self) -> u64 {
        self.offset
    }
}

/// A page of a list. Beyond the last page there are no items, but the total stays right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Which page it is.
    pub request: PageRequest,
    /// How many items there are on all pages.
    pub total: u64,
    /// The items of this page.
    pub items: Vec<T>,
}

impl<T> Page<T> {
    /// How many pages there are.
    pub fn pages(&self) -> u64 {
        self.total.div_ceil(u64::from(self.request.size))
    }
}

/// Reads. Each method MUST be a single statement, and see everything that was committed before it was called.
#[async_trait]
pub trait Queries: Send + Sync {
    /// The account of that id, deleted ones too.
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError>;

    /// The account of that number, deleted ones too.
    async fn account_by_number(&self, number: UserNumber) -> Result<Option<AccountView>, StoreError>;

    /// The account that is not deleted and has that user name or e-mail address.
    async fn account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError>;

    /// The same; if there is none, the one that was made last of the deleted accounts that have it. However many have it,
    /// it SHOULD take no longer.
    async fn last_account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError>;

    /// The accounts that pass the filter, in its order.
    async fn accounts(
        &self,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<AccountView>, StoreError>;

    /// All roles, by name.
    async fn roles(&self) -> Result<Vec<Role>, StoreError>;

    /// The session of that id with its account, ended and expired ones too.
    async fn session(&self, id: SessionId) -> Result<Option<Arc<SessionView>>, StoreError>;

    /// The account's live sessions, the most recently used first.
    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError>;

    /// An owner's transcriptions, newest first.
    async fn transcriptions(
        &self,
        filter: &TranscriptionFilter,
        page: PageRequest,
    ) -> Result<Page<TranscriptionView>, StoreError>;

    /// The transcription of that id.
    async fn transcription(&self, id: TranscriptionId) -> Result<Option<TranscriptionView>, StoreError>;

    /// The transcription of that number.
    async fn transcription_by_number(
        &self,
        number: TranscriptionNumber,
    ) -> Result<Option<TranscriptionView>, StoreError>;

    /// The recordings of all active transcriptions.
    async fn active_recordings(&self) -> Result<Vec<ShelvedRecording>, StoreError>;

    /// The owner's active transcription.
    async fn active_transcription(&self, owner: UserId) -> Result<Option<Transcription>, StoreError>;

    /// A transcription's stored chunks by number.
    async fn chunks(&self, id: TranscriptionId, page: PageRequest) -> Result<Page<Chunk>, StoreError>;

    /// All stored chunks of a transcription by number.
    async fn transcript(&self, id: TranscriptionId) -> Result<Vec<Chunk>, StoreError>;

    /// What changed after `revision`; `None` if there is no such transcription. All of it MUST be of one moment.
    async fn changes_since(&self, id: TranscriptionId, revision: u32) -> Result<Option<Changes>, StoreError>;

    /// An account's ledger, the newest entry first: the reverse of the order in which they were added.
    async fn ledger(&self, user: UserId, page: PageRequest) -> Result<Page<LedgerEntry>, StoreError>;

    /// The accounts, deleted ones too, whose balance is not the sum of their entries. None, unless something wrote past
    /// the unit of work. Reads everything there is.
    async fn ledger_mismatches(&self) -> Result<Vec<LedgerMismatch>, StoreError>;

    /// What a key was used for.
    async fn key_record(&self, used: &KeyUse) -> Result<Option<IdempotencyRecord>, StoreError>;

    /// Those of `keys` that no transcription refers to, or only such as have their audio no more.
    async fn unreferenced_audio(&self, keys: &[AudioKey]) -> Result<Vec<AudioKey>, StoreError>;

    /// The audit log, newest first; of one moment, in the order of their ids.
    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError>;

    /// The server's log, newest first; of one moment, in the order of their ids.
    async fn log_entries(&self, filter: &LogFilter, page: PageRequest) -> Result<Page<LogEntry>, StoreError>;

    /// At most `limit` of the jobs of active transcriptions that are [available](lectern_domain::transcription::Job::is_available) at `now` and were last
    /// announced then. Those never announced come in the order in which they wait, the others by when they were announced,
    /// the earliest first.
    async fn waiting_jobs(
        &self,
        now: Timestamp,
        announced: LastAnnounced,
        limit: u32,
    ) -> Result<Vec<WaitingJob>, StoreError>;

    /// How many jobs of active transcriptions are [available](lectern_domain::transcription::Job::is_available) at `now`, announced or not.
    async fn count_waiting_jobs(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// How much there is to do at `now`. MUST read no more than what is not finished.
    async fn workload(&self, now: Timestamp) -> Result<Workload, StoreError>;

    /// Errs if the database can't answer.
    async fn ping(&self) -> Result<(), StoreError>;
}
