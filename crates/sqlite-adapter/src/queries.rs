//! The read models. One statement each, on a connection that only reads.

use std::sync::Arc;

use async_trait::async_trait;
use diesel::{QueryDsl, RunQueryDsl};
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
    SqliteDatabase, schema,
    statements::{
        account_lists, accounts, audit, chunks, idempotency, ledger, lists, logs, roles, sessions, shelved,
        transcriptions, waiting_jobs, workload,
    },
};

#[async_trait]
impl Queries for SqliteDatabase {
    async fn account(&self, id: UserId) -> Result<Option<AccountView>, StoreError> {
        self.read(move |connection| accounts::view(connection, id)).await
    }

    async fn account_by_number(&self, number: UserNumber) -> Result<Option<AccountView>, StoreError> {
        self.read(move |connection| accounts::view_by_number(connection, number)).await
    }

    async fn account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        let login = login.clone();
        self.read(move |connection| accounts::view_by_login(connection, &login)).await
    }

    async fn last_account_by_login(&self, login: &Login) -> Result<Option<AccountView>, StoreError> {
        let login = login.clone();
        self.read(move |connection| account_lists::last_by_login(connection, &login)).await
    }

    async fn accounts(
        &self,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<AccountView>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| account_lists::accounts(connection, &filter, page)).await
    }

    async fn roles(&self) -> Result<Vec<Role>, StoreError> {
        self.read(roles::all).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<Arc<SessionView>>, StoreError> {
        Ok(self.read(move |connection| sessions::view(connection, id)).await?.map(Arc::new))
    }

    async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        let mut live = self.read(move |connection| sessions::live(connection, user, now)).await?;
        live.reverse();
        Ok(live)
    }

    async fn active_recordings(&self) -> Result<Vec<ShelvedRecording>, StoreError> {
        self.read(shelved::active_recordings).await
    }

    async fn active_transcription(&self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.read(move |connection| transcriptions::active(connection, owner)).await
    }

    async fn transcriptions(
        &self,
        filter: &TranscriptionFilter,
        page: PageRequest,
    ) -> Result<Page<TranscriptionView>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| lists::transcriptions(connection, &filter, page)).await
    }

    async fn transcription(&self, id: TranscriptionId) -> Result<Option<TranscriptionView>, StoreError> {
        self.read(move |connection| transcriptions::view(connection, id)).await
    }

    async fn transcription_by_number(
        &self,
        number: TranscriptionNumber,
    ) -> Result<Option<TranscriptionView>, StoreError> {
        self.read(move |connection| transcriptions::view_by_number(connection, number)).await
    }

    async fn chunks(&self, id: TranscriptionId, page: PageRequest) -> Result<Page<Chunk>, StoreError> {
        self.read(move |connection| lists::chunks(connection, id, page)).await
    }

    async fn transcript(&self, id: TranscriptionId) -> Result<Vec<Chunk>, StoreError> {
        self.read(move |connection| chunks::all(connection, id)).await
    }

    async fn changes_since(&self, id: TranscriptionId, revision: u32) -> Result<Option<Changes>, StoreError> {
        self.read(move |connection| transcriptions::changes_since(connection, id, revision)).await
    }

    async fn ledger(&self, user: UserId, page: PageRequest) -> Result<Page<LedgerEntry>, StoreError> {
        self.read(move |connection| lists::ledger(connection, user, page)).await
    }

    async fn ledger_mismatches(&self) -> Result<Vec<LedgerMismatch>, StoreError> {
        self.read(ledger::mismatches).await
    }

    async fn key_record(&self, used: &KeyUse) -> Result<Option<IdempotencyRecord>, StoreError> {
        let used = used.clone();
        self.read(move |connection| idempotency::by_use(connection, &used)).await
    }

    async fn unreferenced_audio(&self, keys: &[AudioKey]) -> Result<Vec<AudioKey>, StoreError> {
        let keys = keys.to_vec();
        self.read(move |connection| transcriptions::unreferenced(connection, &keys)).await
    }

    async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| audit::events(connection, &filter, page)).await
    }

    async fn log_entries(&self, filter: &LogFilter, page: PageRequest) -> Result<Page<LogEntry>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| logs::entries(connection, &filter, page)).await
    }

    async fn waiting_jobs(
        &self,
        now: Timestamp,
        announced: LastAnnounced,
        limit: u32,
    ) -> Result<Vec<WaitingJob>, StoreError> {
        self.read(move |connection| waiting_jobs::list(connection, now, announced, limit)).await
    }

    async fn count_waiting_jobs(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.read(move |connection| waiting_jobs::count(connection, now)).await
    }

    async fn workload(&self, now: Timestamp) -> Result<Workload, StoreError> {
        self.read(move |connection| workload::read(connection, now)).await
    }

    /// Reads a table: a statement without one would not touch the file.
    async fn ping(&self) -> Result<(), StoreError> {
        self.read(|connection| Ok(schema::roles::table.count().get_result::<i64>(connection).map(|_| ())?))
            .await
    }
}
