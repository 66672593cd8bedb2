//! The database: what is committed, whose turn it is to write, and what is to go wrong.

use std::sync::{
    Arc, Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use async_trait::async_trait;
use lectern_application::ports::{StoreError, Transactions, UnitOfWork};
use lectern_domain::{audit::AuditEvent, mail::Mail};
use tokio::sync::oneshot;

use super::{logs::Log, tables::Tables, unit::MemoryUnitOfWork};
use crate::on_demand::OnDemand;

/// Keeps a call waiting until it is dropped.
#[derive(Debug)]
#[must_use = "dropped, it keeps nobody waiting"]
pub struct Hold {
    _released_by_its_end: oneshot::Sender<()>,
}

/// Where the next such call waits, if it has to.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Option<oneshot::Receiver<()>>>);

impl Waiting {
    fn hold_next(&self) -> Hold {
        let (released, held) = oneshot::channel();
        *self.0.lock().unwrap() = Some(held);
        Hold { _released_by_its_end: released }
    }

    pub(super) async fn wait(&self) {
        let held = self.0.lock().unwrap().take();
        if let Some(held) = held {
            // It is never sent anything, and so ends with its sender.
            let _ = held.await;
        }
    }
}

/// A database in memory. Clones are the same database.
///
/// Like SQLite it has one writer at a time: [`begin`](Transactions::begin) waits until the unit before has ended.
/// Readers never wait; they see what was committed last.
#[derive(Debug, Clone, Default)]
pub struct MemoryDatabase {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    committed: Mutex<Arc<Tables>>,
    log: Log,
    turn: Arc<tokio::sync::Mutex<()>>,
    broken_down: AtomicBool,
    commits_to_fail: AtomicU32,
    answers_to_lose: AtomicU32,
    commits_to_contend: AtomicU32,
    session_queries: Waiting,
    commits: Waiting,
}

impl MemoryDatabase {
    /// From now on every call answers [`StoreError::Unavailable`].
    pub fn break_down(&self) {
        self.shared.broken_down.store(true, Ordering::SeqCst);
    }

    /// Ends [`break_down`](Self::break_down). Nothing that was committed is lost.
    pub fn repair(&self) {
        self.shared.broken_down.store(false, Ordering::SeqCst);
    }

    /// The next `count` commits answer [`StoreError::Unavailable`] and store nothing.
    pub fn fail_next_commits(&self, count: u32) {
        self.shared.commits_to_fail.store(count, Ordering::SeqCst);
    }

    /// The next `count` commits store, but answer [`StoreError::Unavailable`], as when the connection breaks between a
    /// commit and its answer.
    pub fn lose_next_commits_answers(&self, count: u32) {
        self.shared.answers_to_lose.store(count, Ordering::SeqCst);
    }

    /// The next `count` commits answer [`StoreError::Contended`] and store nothing, as if other units were in their way.
    pub fn contend_next_commits(&self, count: u32) {
        self.shared.commits_to_contend.store(count, Ordering::SeqCst);
    }

    /// The next query for a session reads at once, and answers when the hold is dropped: what it answers may be old.
    pub fn hold_next_session(&self) -> Hold {
        self.shared.session_queries.hold_next()
    }

    /// The next commit stores at once, and answers when the hold is dropped.
    pub fn hold_next_commit(&self) -> Hold {
        self.shared.commits.hold_next()
    }

    /// Where the next query for a session waits.
    pub(super) fn session_queries(&self) -> &Waiting {
        &self.shared.session_queries
    }

    /// Where the next commit waits.
    pub(super) fn commits(&self) -> &Waiting {
        &self.shared.commits
    }

    /// The audit log, oldest first: no port reads it.
    pub fn audit_log(&self) -> Vec<AuditEvent> {
        self.committed().audit.clone()
    }

    /// The outbox, the oldest first.
    pub fn outbox(&self) -> Vec<Mail> {
        self.committed().mails.values().cloned().collect()
    }

    /// How many challenges are stored, expired ones too.
    pub fn challenges(&self) -> usize {
        self.committed().challenges.len()
    }

    /// The server's log.
    pub(super) fn log(&self) -> &Log {
        &self.shared.log
    }

    pub(super) fn check_reachable(&self) -> Result<(), StoreError> {
        if self.shared.broken_down.load(Ordering::SeqCst) {
            Err(unavailable("it broke down"))
        } else {
            Ok(())
        }
    }

    /// What was committed last.
    pub(super) fn committed(&self) -> Arc<Tables> {
        Arc::clone(&self.lock())
    }

    pub(super) fn commit(&self, tables: Tables) -> Result<(), StoreError> {
        self.check_reachable()?;
        let is_due = |faults: &AtomicU32| {
            faults.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1)).is_ok()
        };
        if is_due(&self.shared.commits_to_fail) {
            return Err(unavailable("the commit failed"));
        }
        if is_due(&self.shared.commits_to_contend) {
            return Err(StoreError::Contended { source: Box::new(OnDemand("another unit was in the way")) });
        }
        *self.lock() = Arc::new(tables);
        if is_due(&self.shared.answers_to_lose) {
            return Err(unavailable("the commit's answer was lost"));
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Tables>> {
        self.shared.committed.lock().unwrap()
    }
}

fn unavailable(what: &'static str) -> StoreError {
    StoreError::Unavailable { source: Box::new(OnDemand(what)) }
}

#[async_trait]
impl Transactions for MemoryDatabase {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        self.check_reachable()?;
        let turn = Arc::clone(&self.shared.turn).lock_owned().await;
        let tables = Tables::clone(&self.committed());
        Ok(Box::new(MemoryUnitOfWork::new(self.clone(), turn, tables)))
    }
}
