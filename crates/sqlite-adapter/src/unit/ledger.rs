//! Ledgers, and what idempotency keys were used for.

use async_trait::async_trait;
use lectern_application::ports::{IdempotencyStore, LedgerStore, StoreError};
use lectern_domain::{
    account::UserId,
    idempotency::{IdempotencyKey, IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    time::Timestamp,
};

use super::SqliteUnitOfWork;
use crate::statements::{idempotency, ledger};

#[async_trait]
impl LedgerStore for SqliteUnitOfWork {
    async fn insert_entry(&mut self, entry: &LedgerEntry) -> Result<(), StoreError> {
        let entry = entry.clone();
        self.call(move |connection| ledger::insert(connection, &entry)).await
    }

    async fn entry_by_key(
        &mut self,
        user: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<LedgerEntry>, StoreError> {
        let key = key.clone();
        self.call(move |connection| ledger::by_key(connection, user, &key)).await
    }
}

#[async_trait]
impl IdempotencyStore for SqliteUnitOfWork {
    async fn insert_key(&mut self, record: &IdempotencyRecord) -> Result<(), StoreError> {
        let record = record.clone();
        self.call(move |connection| idempotency::insert(connection, &record)).await
    }

    async fn remove_key(&mut self, used: &KeyUse) -> Result<(), StoreError> {
        let used = used.clone();
        self.call(move |connection| idempotency::remove(connection, &used)).await
    }

    async fn purge_keys(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(move |connection| idempotency::purge(connection, before, limit)).await
    }
}
