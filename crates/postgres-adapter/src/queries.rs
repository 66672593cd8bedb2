//! The read models. One statement each, outside any transaction.

use std::sync::Arc;

use async_trait::async_trait;
use diesel_async::SimpleAsyncConnection;
use lectern_application::ports::{
    AccountFilter, AccountView, AuditEntry, AuditFilter, Changes, LastAnnounced, LedgerMismatch, LogFilter,
    Page, PageRequest, Queries, SessionView, ShelvedRecording, StoreError, TranscriptionFilter,
    TranscriptionView, WaitingJob, Workload,
};
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
    PostgresDatabase,
    database::read,
    statements::{
        account_lists, accounts, audit, chunks, idempotency, ledger, lists, logs, roles, sessions, shelved,
        transcriptions, waiting_jobs, workload,
    },
};

#[async_trait]
impl Queries for PostgresDatabase {
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        read!(self, async |connection| accounts::view(connection, id).await)
    }

    async fn account_by_number(&self, number: UserNumber) -> Result<Option<AccountView>, StoreError> {
        read!(self, async |connection| accounts::view_by_number(connection, number).await)
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        read!(self, async |connection| accounts::view_by_login(connection, login).await)
    }

    async fn last_account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        read!(self, async |connection| account_lists::last_by_login(connection, login).await)
    }

    async fn accounts(
        &self,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<AccountView>, StoreError> {
        read!(self, async |connection| account_lists::accounts(connection, filter, page).await)
    }

    async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        read!(self, roles::all)
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<SessionView>>, StoreError> {
        Ok(read!(self, async |connection| sessions::view(connection, id).await)?.map(Arc::new))
    }

    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        read!(self, async |connection| sessions::live(connection, user, now).await)
    }

    async fn active_recordings(&self) -> Result<Vec<ShelvedRecording>, StoreError> {
        read!(self, async |connection| shelved::active_recordings(connection).await)
    }

    async fn active_transcription(&self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        read!(self, async |connection| transcriptions::active(connection, owner).await)
    }

    async fn transcriptions(
        &self,
        filter: &TranscriptionFilter,
        page: PageRequest,
    ) -> Result<Page<TranscriptionView>, StoreError> {
        read!(self, async |connection| lists::transcriptions(connection, filter, page).await)
    }

    async fn transcription(&self, id: TranscriptionId) -> Result<Option<TranscriptionView>, StoreError> {
        read!(self, async |connection| transcriptions::view(connection, id).await)
    }

    async fn transcription_by_number(
        &self,
        number: TranscriptionNumber,
    ) -> Result<Option<TranscriptionView>, StoreError> {
        read!(self, async |connection| transcriptions::view_by_number(connection, number).await)
    }

    async fn chunks(&self, id: TranscriptionId, page: PageRequest) -> Result<Page<Chunk>, StoreError> {
        read!(self, async |connection| lists::chunks(connection, id, page).await)
    }

    async fn transcript(&self, id: TranscriptionId) -> Result<Vec<Chunk>, StoreError> {
        read!(self, async |connection| chunks::all(connection, id).await)
    }

    async fn changes_since(&self, id: TranscriptionId, revision: u32) -> Result<Option<Changes>, StoreError> {
        read!(self, async |connection| transcriptions::changes_since(connection, id, revision).await)
    }

    async fn ledger(&self, user: UserId, page: PageRequest) -> Result<Page<LedgerEntry>, StoreError> {
        read!(self, async |connection| lists::ledger(connection, user, page).await)
    }

    async fn ledger_mismatches(&self) -> Result<Vec<LedgerMismatch>, StoreError> {
        self.read_unhurried(ledger::mismatches).await
    }

    async fn key_record(&self, used: &KeyUse) -> Result<Option<IdempotencyRecord>, StoreError> {
        read!(self, async |connection| idempotency::by_use(connection, used).await)
    }

    async fn unreferenced_audio(&self, keys: &[AudioKey]) -> Result<Vec<AudioKey>, StoreError> {
        read!(self, async |connection| transcriptions::unreferenced(connection, keys).await)
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        read!(self, async |connection| audit::events(connection, filter, page).await)
    }

    async fn log_entries(&self, filter: &LogFilter, page: PageRequest) -> Result<Page<LogEntry>, StoreError> {
        read!(self, async |connection| logs::entries(connection, filter, page).await)
    }

    async fn waiting_jobs(
        &self,
        now: Timestamp,
        announced: LastAnnounced,
        limit: u32,
    ) -> Result<Vec<WaitingJob>, StoreError> {
        read!(self, async |connection| waiting_jobs::list(connection, now, announced, limit).await)
    }

    async fn count_waiting_jobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        read!(self, async |connection| waiting_jobs::count(connection, now).await)
    }

    async fn workload(&self, now: Timestamp) -> Result<Workload, StoreError> {
        read!(self, async |connection| workload::read(connection, now).await)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        read!(self, async |connection| Ok(connection.batch_execute("SELECT 1").await?))
    }
}
