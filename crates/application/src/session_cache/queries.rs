//! Reads: sessions from the cache, everything else from the database.

use std::sync::Arc;

use async_trait::async_trait;
use lectern_domain::{
    access::Role,
    account::{Login, UserId, UserNumber},
    idempotency::{IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    log::LogEntry,
    session::{Session, SessionId},
    time::Timestamp,
    transcription::{AudioKey, Chunk, Transcription, TranscriptionId, TranscriptionNumber},
};

use crate::{
    metrics::catalogue::{DATABASE, SESSION_LOOKUPS},
    ports::{
        AccountFilter, AccountView, AuditEntry, AuditFilter, Changes, LastAnnounced, LedgerMismatch,
        LogFilter, Lookup, Page, PageRequest, Queries, SessionCache, SessionView, ShelvedRecording,
        StoreError, TranscriptionFilter, TranscriptionView, WaitingJob, Workload,
    },
};

/// The queries of a database, of which that for a session is asked only if the cache doesn't know.
pub struct CachedQueries {
    /// The database's.
    pub queries: Arc<dyn Queries>,
    /// What is remembered.
    pub cache: Arc<dyn SessionCache>,
}

#[async_trait]
impl Queries for CachedQueries {
    async fn session(&self, id: SessionId) -> Result<Option<Arc<SessionView>>, StoreError> {
        match self.cache.look_up(id).await {
            Lookup::Known(view) => Ok(view),
            Lookup::Unknown(ticket) => {
                let loaded = self.queries.session(id).await?;
                SESSION_LOOKUPS.count([DATABASE]);
                self.cache.keep(ticket, loaded.clone()).await;
                Ok(loaded)
            }
        }
    }

    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        self.queries.account(id).await
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        self.queries.account_by_login(login).await
    }

    async fn last_account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        self.queries.last_account_by_login(login).await
    }

    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.queries.live_sessions(user, now).await
    }

    async fn transcriptions(
        &self,
        filter: &TranscriptionFilter,
        page: PageRequest,
    ) -> Result<Page<TranscriptionView>, StoreError> {
        self.queries.transcriptions(filter, page).await
    }

    async fn transcription(&self, id: TranscriptionId) -> Result<Option<TranscriptionView>, StoreError> {
        self.queries.transcription(id).await
    }

    async fn transcription_by_number(
        &self,
        number: TranscriptionNumber,
    ) -> Result<Option<TranscriptionView>, StoreError> {
        self.queries.transcription_by_number(number).await
    }

    async fn active_recordings(&self) -> Result<Vec<ShelvedRecording>, StoreError> {
        self.queries.active_recordings().await
    }

    async fn active_transcription(&self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.queries.active_transcription(owner).await
    }

    async fn chunks(&self, id: TranscriptionId, page: PageRequest) -> Result<Page<Chunk>, StoreError> {
        self.queries.chunks(id, page).await
    }

    async fn transcript(&self, id: TranscriptionId) -> Result<Vec<Chunk>, StoreError> {
        self.queries.transcript(id).await
    }

    async fn changes_since(&self, id: TranscriptionId, revision: u32) -> Result<Option<Changes>, StoreError> {
        self.queries.changes_since(id, revision).await
    }

    async fn unreferenced_audio(&self, keys: &[AudioKey]) -> Result<Vec<AudioKey>, StoreError> {
        self.queries.unreferenced_audio(keys).await
    }

    async fn accounts(
        &self,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<AccountView>, StoreError> {
        self.queries.accounts(filter, page).await
    }

    async fn account_by_number(&self, number: UserNumber) -> Result<Option<AccountView>, StoreError> {
        self.queries.account_by_number(number).await
    }

    async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        self.queries.roles().await
    }

    async fn ledger(&self, user: UserId, page: PageRequest) -> Result<Page<LedgerEntry>, StoreError> {
        self.queries.ledger(user, page).await
    }

    async fn ledger_mismatches(&self) -> Result<Vec<LedgerMismatch>, StoreError> {
        self.queries.ledger_mismatches().await
    }

    async fn key_record(&self, used: &KeyUse) -> Result<Option<IdempotencyRecord>, StoreError> {
        self.queries.key_record(used).await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        self.queries.audit_events(filter, page).await
    }

    async fn log_entries(&self, filter: &LogFilter, page: PageRequest) -> Result<Page<LogEntry>, StoreError> {
        self.queries.log_entries(filter, page).await
    }

    async fn waiting_jobs(
        &self,
        now: Timestamp,
        announced: LastAnnounced,
        limit: u32,
    ) -> Result<Vec<WaitingJob>, StoreError> {
        self.queries.waiting_jobs(now, announced, limit).await
    }

    async fn count_waiting_jobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.queries.count_waiting_jobs(now).await
    }

    async fn workload(&self, now: Timestamp) -> Result<Workload, StoreError> {
        self.queries.workload(now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.queries.ping().await
    }
}
