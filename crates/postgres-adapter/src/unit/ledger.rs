//! Ledgers, and what idempotency keys were used for.

use async_trait::async_trait;
use lectern_application::ports::{IdempotencyStore, LedgerStore, StoreError};
use lectern_domain::{
    account::UserId,
    idempotency::{IdempotencyKey, IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    time::Timestamp,
};

use super::PostgresUnitOfWork;
use crate::statements::{idempotency, ledger};

#[async_trait]
impl LedgerStore for PostgresUnitOfWork {
    async fn insert_entry(&mut self, entry: &LedgerEntry) -> Result<(), StoreError> {
        self.call(async |connection| ledger::insert(connection, entry).await).await
    }

    async fn entry_by_key(
        &mut self,
        user: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<LedgerEntry>, StoreError> {
        self.call(async |connection| ledger::by_key(connection, user, key).await).await
    }
}

#[async_trait]
impl IdempotencyStore for PostgresUnitOfWork {
    async fn insert_key(&mut self, record: &IdempotencyRecord) -> Result<(), StoreError> {
        self.call(async |connection| idempotency::insert(connection, record).await).await
    }

    async fn remove_key(&mut self, used: &KeyUse) -> Result<(), StoreError> {
        self.call(async |connection| idempotency::remove(connection, used).await).await
    }

    async fn purge_keys(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.call(async |connection| idempotency::purge(connection, before, limit).await).await
    }
}
