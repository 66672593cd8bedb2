//! What idempotency keys were used for.

use diesel::{
    prelude::{Insertable, Queryable, Selectable},
    sqlite::Sqlite,
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    access::RoleName,
    account::UserId,
    idempotency::{Created, IdempotencyRecord, KeyOwner, KeyUse, Operation},
    time::Timestamp,
    transcription::{Sha256, TranscriptionId},
};
use uuid::Uuid;

use super::{Row, ledger::stored_key};
use crate::schema::idempotency_keys;

/// The bytes that stand for the owner: none for anybody.
pub(crate) fn owner_bytes(owner: &KeyOwner) -> &[u8] {
    match owner {
        KeyOwner::Anybody => &[],
        KeyOwner::Account(id) => id.0.as_bytes(),
    }
}

/// A record as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys, check_for_backend(Sqlite))]
pub(crate) struct KeyRow {
    owner_id: Vec<u8>,
    operation: String,
    key: String,
    fingerprint: Vec<u8>,
    created_kind: String,
    created_id: String,
    created_at: i64,
}

impl TryFrom<KeyRow> for IdempotencyRecord {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        // Named by what was made: whoever knows a key may send its request again.
        let cells = Row { table: "idempotency_keys", key: &row.created_id };
        let owner = match row.owner_id.as_slice() {
            [] => KeyOwner::Anybody,
            bytes => KeyOwner::Account(UserId(cells.uuid("owner_id", bytes)?)),
        };
        let operation = Operation::ALL.into_iter().find(|operation| operation.name() == row.operation);
        let fingerprint = row.fingerprint.as_slice().try_into().ok().map(Sha256);
        let id = || Uuid::try_parse(&row.created_id).ok();
        let created = match row.created_kind.as_str() {
            "account" => id().map(|id| Created::Account(UserId(id))),
            "role" => RoleName::parse(&row.created_id).ok().map(Created::Role),
            "transcription" => id().map(|id| Created::Transcription(TranscriptionId(id))),
            _ => return cells.valid("created_kind", None),
        };
        Ok(Self {
            used: KeyUse {
                owner,
                operation: cells.valid("operation", operation)?,
                key: cells.valid("key", stored_key(&row.key))?,
            },
            fingerprint: cells.valid("fingerprint", fingerprint)?,
            created: cells.valid("created_id", created)?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// A new record.
#[derive(Insertable)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct KeyValues<'a> {
    owner_id: &'a [u8],
    operation: &'static str,
    key: &'a str,
    fingerprint: &'a [u8],
    created_kind: &'static str,
    created_id: String,
    created_at: i64,
}

impl<'a> From<&'a IdempotencyRecord> for KeyValues<'a> {
    fn from(record: &'a IdempotencyRecord) -> Self {
        let (created_kind, created_id) = match &record.created {
            Created::Account(id) => ("account", id.0.to_string()),
            Created::Role(name) => ("role", name.to_string()),
            Created::Transcription(id) => ("transcription", id.0.to_string()),
        };
        Self {
            owner_id: owner_bytes(&record.used.owner),
            operation: record.used.operation.name(),
            key: record.used.key.as_str(),
            fingerprint: &record.fingerprint.0,
            created_kind,
            created_id,
            created_at: record.created_at.as_micros(),
        }
    }
}
