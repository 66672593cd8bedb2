//! Ledger entries, and records of idempotency keys.

use std::num::NonZeroI64;

use lectern_domain::{
    account::UserId,
    idempotency::{Created, IdempotencyKey, IdempotencyRecord, KeyOwner, KeyUse, Operation},
    ledger::{LedgerEntry, LedgerEntryId, LedgerEntryParts, Reason},
    time::Timestamp,
    transcription::Sha256,
};

use super::fresh_id;
use crate::clock::START;

/// Builds a [`LedgerEntry`].
#[derive(Debug, Clone)]
pub struct LedgerEntryBuilder(LedgerEntryParts);

/// An entry in that account's ledger, without a key, made by somebody else at [`START`].
pub fn ledger_entry(user: UserId, amount: i64, balance_after: i64) -> LedgerEntryBuilder {
    LedgerEntryBuilder(LedgerEntryParts {
        id: LedgerEntryId(fresh_id()),
        user,
        amount: NonZeroI64::new(amount).unwrap(),
        balance_after,
        reason: Reason::parse("because").unwrap(),
        actor: UserId(fresh_id()),
        idempotency_key: None,
        created_at: START,
    })
}

impl LedgerEntryBuilder {
    /// For another reason.
    pub fn reason(mut self, reason: &str) -> Self {
        self.0.reason = Reason::parse(reason).unwrap();
        self
    }

    /// Under that key.
    pub fn key(mut self, key: &str) -> Self {
        self.0.idempotency_key = Some(IdempotencyKey::parse(key).unwrap());
        self
    }

    /// Made at another time.
    pub fn created_at(mut self, at: Timestamp) -> Self {
        self.0.created_at = at;
        self
    }

    /// The entry.
    pub fn build(self) -> LedgerEntry {
        LedgerEntry::from_parts(self.0).unwrap()
    }
}

/// What that account, or anybody, used a key for.
pub fn key_use(owner: KeyOwner, operation: Operation, key: &str) -> KeyUse {
    KeyUse { owner, operation, key: IdempotencyKey::parse(key).unwrap() }
}

/// The record that a use of a key made an account.
pub fn key_record(used: KeyUse, at: Timestamp) -> IdempotencyRecord {
    IdempotencyRecord {
        used,
        fingerprint: Sha256([7; 32]),
        created: Created::Account(UserId(fresh_id())),
        created_at: at,
    }
}
