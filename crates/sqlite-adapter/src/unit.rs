//! The unit of work: one transaction over all stores.

mod ledger;
mod roles;

use async_trait::async_trait;
use diesel::SqliteConnection;
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
    blocking::blocking,
    failure::Failure,
    statements::{accounts, audit, chunks, jobs, sessions, transcriptions},
    transaction::Transaction,
};

mod outbox;

/// The unit of work, as long as it is sound.
pub(crate) struct SqliteUnitOfWork {
    /// Taken by each call and given back by those that succeed. A call that fails, or that nobody waits for any more,
    /// drops the transaction, which rolls back and frees the writer; the unit is doomed from then on.
    transaction: Option<Transaction>,
}

/// The transaction is gone.
#[derive(Debug, thiserror::Error)]
#[error("an earlier call of this unit of work failed or was abandoned")]
struct Doomed;

impl SqliteUnitOfWork {
    pub(crate) fn new(transaction: Transaction) -> Self {
        Self { transaction: Some(transaction) }
    }

    fn take(&mut self) -> Result<Transaction, StoreError> {
        self.transaction.take().ok_or_else(|| StoreError::Backend { source: Box::new(Doomed) })
    }

    async fn call<T, S>(&mut self, statements: S) -> Result<T, StoreError>
    where
        T: Send + 'static,
        S: FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    {
        let mut transaction = self.take()?;
        let (transaction, answer) = blocking(move || {
            let answer = statements(transaction.connection())?;
            Ok((transaction, answer))
        })
        .await?;
        self.transaction = Some(transaction);
        Ok(answer)
    }
}

#[async_trait]
impl UnitOfWork for SqliteUnitOfWork {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let transaction = self.take()?;
        blocking(move || transaction.commit()).await
    }
}

#[async_trait]
impl UserStore for SqliteUnitOfWork {
    async fn insert_user(&mut self, user: NewUser) -> Result<User, StoreError> {
        self.call(move |connection| accounts::insert(connection, user)).await
    }

    async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.call(move |connection| accounts::by_id(connection, id)).await
    }

    async fn user_by_login(&mut self, login: &Login) -> Result<Option<User>, StoreError> {
        let login = login.clone();
        self.call(move |connection| accounts::by_login(connection, &login)).await
    }

    async fn save_user(&mut self, user: &User) -> Result<(), StoreError> {
        let user = user.clone();
        self.call(move |connection| accounts::save(connection, &user)).await
    }

    async fn count_active_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        let role = role.clone();
        self.call(move |connection| accounts::count_active(connection, &role)).await
    }
}

#[async_trait]
impl SessionStore for SqliteUnitOfWork {
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let session = session.clone();
        self.call(move |connection| sessions::insert(connection, &session)).await
    }

    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.call(move |connection| sessions::by_id(connection, id)).await
    }

    async fn save_session(
        &mut self,
        session: &Session,
        expected: Generation,
    ) -> Result<SaveOutcome, StoreError> {
        let session = session.clone();
        self.call(move |connection| sessions::save(connection, &session, expected)).await
    }

    async fn live_sessions(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.call(move |connection| sessions::live(connection, user, now)).await
    }

    async fn purge_sessions(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(move |connection| sessions::purge(connection, before, limit)).await
    }
}

#[async_trait]
impl TranscriptionStore for SqliteUnitOfWork {
    async fn insert_transcription(
        &mut self,
        transcription: NewTranscription,
    ) -> Result<Transcription, StoreError> {
        self.call(move |connection| transcriptions::insert(connection, transcription)).await
    }

    async fn transcription(&mut self, id: TranscriptionId) -> Result<Option<Transcription>, StoreError> {
        self.call(move |connection| transcriptions::by_id(connection, id)).await
    }

    async fn active_transcription(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.call(move |connection| transcriptions::active(connection, owner)).await
    }

    async fn save_transcription(&mut self, transcription: &Transcription) -> Result<(), StoreError> {
        let transcription = transcription.clone();
        self.call(move |connection| transcriptions::save(connection, &transcription)).await
    }

    async fn put_chunk(
        &mut self,
        id: TranscriptionId,
        chunk: &Chunk,
        revision: u32,
    ) -> Result<(), StoreError> {
        let chunk = chunk.clone();
        self.call(move |connection| chunks::put(connection, id, &chunk, revision)).await
    }

    async fn chunk_numbers(&mut self, id: TranscriptionId) -> Result<ChunkNumbers, StoreError> {
        self.call(move |connection| chunks::numbers(connection, id)).await
    }

    async fn count_transcriptions(&mut self, owner: UserId) -> Result<u32, StoreError> {
        self.call(move |connection| transcriptions::count(connection, owner)).await
    }

    async fn oldest_finished(&mut self, owner: UserId) -> Result<Option<Transcription>, StoreError> {
        self.call(move |connection| transcriptions::oldest_finished(connection, owner)).await
    }

    async fn finished_with_audio(
        &mut self,
        before: Timestamp,
        limit: u32,
    ) -> Result<Vec<Transcription>, StoreError> {
        self.call(move |connection| transcriptions::finished_with_audio(connection, before, limit)).await
    }

    async fn delete_transcription(&mut self, id: TranscriptionId) -> Result<(), StoreError> {
        self.call(move |connection| transcriptions::delete(connection, id)).await
    }
}

#[async_trait]
impl JobStore for SqliteUnitOfWork {
    async fn put_job(&mut self, job: &Job) -> Result<(), StoreError> {
        let job = job.clone();
        self.call(move |connection| jobs::put(connection, &job)).await
    }

    async fn job(&mut self, id: TranscriptionId) -> Result<Option<Job>, StoreError> {
        self.call(move |connection| jobs::by_transcription(connection, id)).await
    }

    async fn leased_job(&mut self, lease: LeaseId) -> Result<Option<Job>, StoreError> {
        self.call(move |connection| jobs::by_lease(connection, lease)).await
    }

    async fn next_available_job(&mut self, now: Timestamp) -> Result<Option<Job>, StoreError> {
        self.call(move |connection| jobs::next_available(connection, now)).await
    }

    async fn remove_job(&mut self, id: TranscriptionId) -> Result<(), StoreError> {
        self.call(move |connection| jobs::remove(connection, id)).await
    }
}

#[async_trait]
impl AuditStore for SqliteUnitOfWork {
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        let event = event.clone();
        self.call(move |connection| audit::record(connection, &event)).await
    }

    async fn purge_audit(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(move |connection| audit::purge(connection, before, limit)).await
    }
}
