//! The unit of work: one transaction over all stores.

mod ledger;
mod outbox;
mod roles;

use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use lectern_application::ports::{
    AuditStore, JobStore, SaveOutcome, SessionStore, StoreError, TranscriptionStore, UnitOfWork, UserStore,
};
use lectern_domain::{
    access::RoleName,
    account::{Login, NewUser, User, UserId},
    audit::AuditEvent,
    session::{Generation, Session, SessionId},
    time::Timestamp,
    transcription::{Chunk, ChunkNumbers, Job, LeaseId, NewTranscription, Transcription, TranscriptionId},
};

use crate::{
    failure::Failure,
    statements::{accounts, audit, chunks, jobs, sessions, transcriptions},
    transaction::Transaction,
};

/// The unit of work, as long as it is sound.
pub(crate) struct PostgresUnitOfWork {
    /// Taken by each call and given back by those that succeed. A call that fails, or that nobody waits for any more,
    /// drops the transaction, which rolls back and frees its locks; the unit is doomed from then on.
    transaction: Option<Transaction>,
}

/// The transaction is gone.
#[derive(Debug, thiserror::Error)]
#[error("an earlier call of this unit of work failed or was abandoned")]
struct Doomed;

impl PostgresUnitOfWork {
    pub(crate) fn new(transaction: Transaction) -> Self {
        Self { transaction: Some(transaction) }
    }

    fn take(&mut self) -> Result<Transaction, StoreError> {
        self.transaction.take().ok_or_else(|| StoreError::Backend { source: Box::new(Doomed) })
    }

    async fn call<T>(
        &mut self,
        statements: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
    ) -> Result<T, StoreError> {
        let mut transaction = self.take()?;
        let answer = transaction.run(statements).await?;
        self.transaction = Some(transaction);
        Ok(answer)
    }
}

#[async_trait]
impl UnitOfWork for PostgresUnitOfWork {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        self.take()?.commit().await
    }
}

#[async_trait]
impl UserStore for PostgresUnitOfWork {
    async fn insert_user(&mut self, user: NewUser) -> Result<User, StoreError> {
        self.call(async |connection| accounts::insert(connection, user).await).await
    }

    async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.call(async |connection| accounts::by_id(connection, id).await).await
    }

    async fn user_by_login(&mut self, login: &Login) -> Result<Option<User>, StoreError> {
        self.call(async |connection| accounts::by_login(connection, login).await).await
    }

    async fn save_user(&mut self, user: &User) -> Result<(), StoreError> {
        self.call(async |connection| accounts::save(connection, user).await).await
    }

    async fn count_active_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        self.call(async |connection| accounts::count_active(connection, role).await).await
    }
}

#[async_trait]
impl SessionStore for PostgresUnitOfWork {
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        self.call(async |connection| sessions::insert(connection, session).await).await
    }

    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.call(async |connection| sessions::by_id(connection, id).await).await
    }

    async fn save_session(
        &mut self,
        session: &Session,
        expected: Generation,
    ) -> Result<SaveOutcome, StoreError> {
        self.call(async |connection| sessions::save(connection, session, expected).await).await
    }

    async fn live_sessions(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.call(async |connection| sessions::live_held(connection, user, now).await).await
    }

    async fn purge_sessions(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(async |connection| sessions::purge(connection, before, limit).await).await
    }
}

#[async_trait]
impl TranscriptionStore for PostgresUnitOfWork {
    async fn insert_transcription(
        &mut self,
        transcription: NewTranscription,
    ) -> Result<Transcription, StoreError> {
        self.call(async |connection| transcriptions::insert(connection, transcription).await).await
    }

    async fn transcription(&mut self, id: TranscriptionId) -> Result<Option<Transcription>, StoreError> {
        self.call(async |connection| transcriptions::by_id(connection, id).await).await
    }

    async fn active_transcription(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.call(async |connection| transcriptions::active_held(connection, owner).await).await
    }

    async fn save_transcription(&mut self, transcription: &Transcription) -> Result<(), StoreError> {
        self.call(async |connection| transcriptions::save(connection, transcription).await).await
    }

    async fn put_chunk(
        &mut self,
        id: TranscriptionId,
        chunk: &Chunk,
        revision: u32,
    ) -> Result<(), StoreError> {
        self.call(async |connection| chunks::put(connection, id, chunk, revision).await).await
    }

    async fn chunk_numbers(&mut self, id: TranscriptionId) -> Result<ChunkNumbers, StoreError> {
        self.call(async |connection| chunks::numbers(connection, id).await).await
    }

    async fn count_transcriptions(&mut self, owner: UserId) -> Result<u32, StoreError> {
        self.call(async |connection| transcriptions::count(connection, owner).await).await
    }

    async fn oldest_finished(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.call(async |connection| transcriptions::oldest_finished(connection, owner).await).await
    }

    async fn finished_with_audio(
        &mut self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Transcription>, StoreError> {
        self.call(async |connection| transcriptions::finished_with_audio(connection, before, limit).await)
            .await
    }

    async fn delete_transcription(&mut self, id: TranscriptionId) -> Result<(), StoreError> {
        self.call(async |connection| transcriptions::delete(connection, id).await).await
    }
}

#[async_trait]
impl JobStore for PostgresUnitOfWork {
    async fn put_job(&mut self, job: &Job) -> Result<(), StoreError> {
        self.call(async |connection| jobs::put(connection, job).await).await
    }

    async fn job(&mut self, id: TranscriptionId) -> Result<Option<Job>, StoreError> {
        self.call(async |connection| jobs::by_transcription(connection, id).await).await
    }

    async fn leased_job(&mut self, lease: LeaseId) -> Result<Option<Job>, StoreError> {
        self.call(async |connection| jobs::by_lease(connection, lease).await).await
    }

    async fn next_available_job(&mut self, now: Timestamp) -> Result<Option<Job>, StoreError> {
        self.call(async |connection| jobs::next_available(connection, now).await).await
    }

    async fn remove_job(&mut self, id: TranscriptionId) -> Result<(), StoreError> {
        self.call(async |connection| jobs::remove(connection, id).await).await
    }
}

#[async_trait]
impl AuditStore for PostgresUnitOfWork {
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        self.call(async |connection| audit::record(connection, event).await).await
    }

    async fn purge_audit(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(async |connection| audit::purge(connection, before, limit).await).await
    }
}
