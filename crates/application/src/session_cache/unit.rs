//! Units of work that tell the cache what they have changed.

use std::sync::Arc;

use async_trait::async_trait;
use lectern_domain::{
    access::{Role, RoleName},
    account::{Login, NewUser, User, UserId},
    audit::AuditEvent,
    challenge::{AddressDigest, Challenge, ChallengeId, Purpose},
    idempotency::{IdempotencyKey, IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    mail::{Mail, MailId},
    session::{Generation, Session, SessionId},
    time::Timestamp,
    transcription::{Chunk, ChunkNumbers, Job, LeaseId, NewTranscription, Transcription, TranscriptionId},
};

use super::pass_on::pass_on;
use crate::ports::{
    AuditStore, ChallengeStore, IdempotencyStore, JobStore, LedgerStore, MailStore, RoleStore, SaveOutcome,
    SessionCache, SessionStore, StoreError, Touched, Transactions, TranscriptionStore, UnitOfWork, UserStore,
};

/// A database whose units of work tell the cache what they have changed.
pub struct CachedTransactions {
    /// The database's.
    pub transactions: Arc<dyn Transactions>,
    /// What is remembered.
    pub cache: Arc<dyn SessionCache>,
}

#[async_trait]
impl Transactions for CachedTransactions {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let unit = self.transactions.begin().await?;
        Ok(Box::new(CachedUnitOfWork { unit, cache: Arc::clone(&self.cache), touched: Touched::default() }))
    }
}

struct CachedUnitOfWork {
    unit: Box<dyn UnitOfWork>,
    cache: Arc<dyn SessionCache>,
    touched: Touched,
}

#[async_trait]
impl UnitOfWork for CachedUnitOfWork {
    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { unit, cache, touched } = *self;
        if touched.is_empty() {
            return unit.commit().await;
        }
        cache.before_commit(&touched).await;
        // If this errs, or is never asked for its answer, nothing may be remembered for a while.
        unit.commit().await?;
        cache.after_commit(&touched).await;
        Ok(())
    }
}

#[async_trait]
impl UserStore for CachedUnitOfWork {
    async fn insert_user(&mut self, user: NewUser) -> Result<User, StoreError> {
        self.touched.users.insert(user.id);
        self.unit.insert_user(user).await
    }

    async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.unit.user(id).await
    }

    async fn user_by_login(&mut self, login: &Login) -> Result<Option<User>, StoreError> {
        self.unit.user_by_login(login).await
    }

    async fn save_user(&mut self, user: &User) -> Result<(), StoreError> {
        self.touched.users.insert(user.id());
        self.unit.save_user(user).await
    }

    async fn count_active_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        self.unit.count_active_users(role).await
    }
}

#[async_trait]
impl SessionStore for CachedUnitOfWork {
    /// Somebody may have looked for it before, in vain.
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError> {
        self.touched.sessions.insert(session.id());
        self.unit.insert_session(session).await
    }

    async fn session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.unit.session(id).await
    }

    async fn save_session(
        &mut self,
        session: &Session,
        expected: Generation,
    ) -> Result<SaveOutcome, StoreError> {
        self.touched.sessions.insert(session.id());
        self.unit.save_session(session, expected).await
    }

    async fn live_sessions(&mut self, user: UserId, now: Timestamp) -> Result<Vec<Session>, StoreError> {
        self.unit.live_sessions(user, now).await
    }

    async fn purge_sessions(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        let purged = self.unit.purge_sessions(before, limit).await?;
        self.touched.everything |= purged > 0;
        Ok(purged)
    }
}

/// Whoever has a role is seen by it, and nobody knows here who that is.
#[async_trait]
impl RoleStore for CachedUnitOfWork {
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        self.unit.role(name).await
    }

    async fn insert_role(&mut self, role: &Role) -> Result<(), StoreError> {
        self.touched.everything = true;
        self.unit.insert_role(role).await
    }

    async fn save_role(&mut self, role: &Role) -> Result<(), StoreError> {
        self.touched.everything = true;
        self.unit.save_role(role).await
    }

    async fn delete_role(&mut self, name: &RoleName) -> Result<(), StoreError> {
        self.touched.everything = true;
        self.unit.delete_role(name).await
    }

    async fn count_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        self.unit.count_users(role).await
    }

    async fn raise_epochs(&mut self, role: &RoleName) -> Result<(), StoreError> {
        self.touched.everything = true;
        self.unit.raise_epochs(role).await
    }
}

pass_on! { self.unit:
    LedgerStore for CachedUnitOfWork {
        fn insert_entry(entry: &LedgerEntry) -> ();
        fn entry_by_key(user: UserId, key: &IdempotencyKey) -> Option<LedgerEntry>;
    }
    IdempotencyStore for CachedUnitOfWork {
        fn insert_key(record: &IdempotencyRecord) -> ();
        fn remove_key(used: &KeyUse) -> ();
        fn purge_keys(before: Timestamp, limit: u32) -> u32;
    }
    ChallengeStore for CachedUnitOfWork {
        fn insert_challenge(challenge: &Challenge) -> ();
        fn challenge(id: ChallengeId) -> Option<Challenge>;
        fn save_challenge(challenge: &Challenge) -> ();
        fn live_challenges(purpose: Purpose, address: &AddressDigest, now: Timestamp) -> Vec<Challenge>;
        fn remove_challenges(account: UserId, purpose: Purpose) -> ();
        fn purge_challenges(before: Timestamp, limit: u32) -> u32;
    }
    MailStore for CachedUnitOfWork {
        fn put_mail(mail: &Mail) -> ();
        fn mail(id: MailId) -> Option<Mail>;
        fn next_due_mail(now: Timestamp) -> Option<Mail>;
        fn remove_mail(id: MailId) -> ();
    }
    TranscriptionStore for CachedUnitOfWork {
        fn insert_transcription(transcription: NewTranscription) -> Transcription;
        fn transcription(id: TranscriptionId) -> Option<Transcription>;
        fn active_transcription(owner: UserId) -> Option<Transcription>;
        fn save_transcription(transcription: &Transcription) -> ();
        fn put_chunk(id: TranscriptionId, chunk: &Chunk, revision: u32) -> ();
        fn chunk_numbers(id: TranscriptionId) -> ChunkNumbers;
        fn count_transcriptions(owner: UserId) -> u32;
        fn oldest_finished(owner: UserId) -> Option<Transcription>;
        fn finished_with_audio(before: Timestamp, limit: u32) -> Vec<Transcription>;
        fn delete_transcription(id: TranscriptionId) -> ();
    }
    JobStore for CachedUnitOfWork {
        fn put_job(job: &Job) -> ();
        fn job(id: TranscriptionId) -> Option<Job>;
        fn leased_job(lease: LeaseId) -> Option<Job>;
        fn next_available_job(now: Timestamp) -> Option<Job>;
        fn remove_job(id: TranscriptionId) -> ();
    }
    AuditStore for CachedUnitOfWork {
        fn record(event: &AuditEvent) -> ();
        fn purge_audit(before: Timestamp, limit: u32) -> u32;
    }
}
