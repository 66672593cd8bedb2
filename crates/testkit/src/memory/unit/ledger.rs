//! Ledgers, and what idempotency keys were used for.

use async_trait::async_trait;
use lectern_application::ports::{Constraint, IdempotencyStore, LedgerStore, StoreError};
use lectern_domain::{
    account::UserId,
    idempotency::{IdempotencyKey, IdempotencyRecord, KeyUse},
    ledger::LedgerEntry,
    time::Timestamp,
};

use super::MemoryUnitOfWork;
use crate::memory::tables::{Tables, conflict};

#[async_trait]
impl LedgerStore for MemoryUnitOfWork {
    async fn insert_entry(&mut self, entry: &LedgerEntry) -> Result<(), StoreError> {
        self.call(|tables| {
            let parts = entry.parts();
            Tables::check_reference(&tables.users, &parts.user, "ledger_entries.user_id")?;
            if tables.ledger.iter().any(|other| other.id() == parts.id) {
                return Err(conflict(Constraint::Other("ledger_entries.id".to_owned())));
            }
            if parts
                .idempotency_key
                .as_ref()
                .is_some_and(|key| tables.entry_by_key(parts.user, key).is_some())
            {
                return Err(conflict(Constraint::LedgerKey));
            }
            tables.ledger.push(entry.clone());
            Ok(())
        })
    }

    async fn entry_by_key(
        &mut self,
        user: UserId,
        key: &IdempotencyKey,
    ) -> Result<Option<LedgerEntry>, StoreError> {
        self.read(|tables| tables.entry_by_key(user, key).cloned())
    }
}

#[async_trait]
impl IdempotencyStore for MemoryUnitOfWork {
    async fn insert_key(&mut self, record: &IdempotencyRecord) -> Result<(), StoreError> {
        self.call(|tables| {
            if tables.keys.contains_key(&record.used) {
                return Err(conflict(Constraint::IdempotencyKey));
            }
            tables.keys.insert(record.used.clone(), record.clone());
            Ok(())
        })
    }

    async fn remove_key(&mut self, used: &KeyUse) -> Result<(), StoreError> {
        self.call(|tables| {
            tables.keys.remove(used);
            Ok(())
        })
    }

    async fn purge_keys(&mut self, before: Timestamp, limit: u32) -> Result<u32, StoreError> {
        self.purge(limit, |tables, limit| {
            let due = tables.keys.values().filter(|record| record.created_at < before);
            let due: Vec<KeyUse> = due.map(|record| record.used.clone()).take(limit).collect();
            for used in &due {
                tables.keys.remove(used);
            }
            due.len()
        })
    }
}
