//! The unit of work: a copy of the tables that takes their place on commit.

mod accounts;
mod challenges;
mod ledger;
mod mails;
mod roles;
mod transcriptions;

use async_trait::async_trait;
use lectern_application::ports::{AuditStore, StoreError, UnitOfWork};
use lectern_domain::{audit::AuditEvent, time::Timestamp};
use tokio::sync::OwnedMutexGuard;

use super::{database::MemoryDatabase, tables::Tables};

/// Dropped, it leaves nothing but the turn to the next.
pub(super) struct MemoryUnitOfWork {
    database: MemoryDatabase,
    /// Ends with the unit, and lets the next one begin.
    _turn: OwnedMutexGuard<()>,
    /// `None` once a call has failed: the unit is doomed.
    tables: Option<Tables>,
}

/// An earlier call failed.
#[derive(Debug)]
struct Doomed;

impl std::fmt::Display for Doomed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an earlier call of this unit of work failed")
    }
}

impl std::error::Error for Doomed {}

impl MemoryUnitOfWork {
    pub(super) fn new(database: MemoryDatabase, turn: OwnedMutexGuard<()>, tables: Tables) -> Self {
        Self { database, _turn: turn, tables: Some(tables) }
    }

    fn take(&mut self) -> Result<Tables, StoreError> {
        self.tables.take().ok_or_else(|| StoreError::Backend { source: Box::new(Doomed) })
    }

    /// One statement. If it fails, the tables are gone.
    fn call<T>(
        &mut self,
        statement: impl FnOnce(&mut Tables) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tables = self.take()?;
        self.database.check_reachable()?;
        let answer = statement(&mut tables)?;
        self.tables = Some(tables);
        Ok(answer)
    }

    fn read<T>(&mut self, statement: impl FnOnce(&Tables) -> T) -> Result<T, StoreError> {
        self.call(|tables| Ok(statement(tables)))
    }

    /// A purge: `remove` removes at most `limit` rows, and answers how many.
    fn purge(
        &mut self,
        limit: u32,
        remove: impl FnOnce(&mut Tables, usize) -> usize,
    ) -> Result<u32, StoreError> {
        self.call(|tables| {
            let removed = remove(tables, usize::try_from(limit).unwrap_or(usize::MAX));
            Ok(u32::try_from(removed).unwrap_or(limit))
        })
    }
}

#[async_trait]
impl UnitOfWork for MemoryUnitOfWork {
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let tables = self.take()?;
        self.database.commit(tables)?;
        self.database.commits().wait().await;
        Ok(())
    }
}

#[async_trait]
impl AuditStore for MemoryUnitOfWork {
    async fn record(&mut self, event: &AuditEvent) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.audit.push(event.clone());
            Ok(())
        })
    }

    async fn purge_audit(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.purge(limit, |tables, limit| {
            let all = tables.audit.len();
            let mut left = limit;
            tables.audit.retain(|event| {
                let purged = event.at < before && left > 0;
                left -= usize::from(purged);
                !purged
            });
            all - tables.audit.len()
        })
    }
}
