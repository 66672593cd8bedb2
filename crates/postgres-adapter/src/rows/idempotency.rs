//! What idempotency keys were used for.

use diesel::{
    pg::Pg,
    prelude::{Insertable, Queryable, Selectable},
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    access::RoleName,
    account::UserId,
    idempotency::{Created, IdempotencyRecord, KeyOwner, KeyUse, Operation},
    transcription::{Sha256, TranscriptionId},
};
use uuid::Uuid;

use super::{At, Row, ledger::stored_key};
use crate::schema::idempotency_keys;

/// The account whose key it is; `None` for anybody.
pub(crate) fn owner_id(owner: &KeyOwner) -> Option<Uuid> {
    match owner {
        KeyOwner::Anybody => None,
        KeyOwner::Account(id) => Some(id.0),
    }
}

/// A record as it is stored.
#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys, check_for_backend(Pg))]
pub(crate) struct KeyRow {
    owner_id: Option<Uuid>,
    operation: String,
    key: String,
    fingerprint: Vec<u8>,
    created_kind: String,
    created_id: String,
    created_at: At,
}

impl TryFrom<KeyRow> for IdempotencyRecord {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        // Named by what was made: whoever knows a key may send its request again.
        let cells = Row { table: "idempotency_keys", key: &row.created_id };
        let owner = row.owner_id.map_or(KeyOwner::Anybody, |id| KeyOwner::Account(UserId(id)));
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
            created_at: row.created_at.0,
        })
    }
}

/// A new record.
#[derive(Insertable)]
#[diesel(table_name = idempotency_keys)]
pub(crate) struct KeyValues<'a> {
    owner_id: Option<Uuid>,
    operation: &'static str,
    key: &'a str,
    fingerprint: &'a [u8],
    created_kind: &'static str,
    created_id: String,
    created_at: At,
}

impl<'a> From<&'a IdempotencyRecord> for KeyValues<'a> {
    fn from(record: &'a IdempotencyRecord) -> Self {
        let (created_kind, created_id) = match &record.created {
            Created::Account(id) => ("account", id.0.to_string()),
            Created::Role(name) => ("role", name.to_string()),
            Created::Transcription(id) => ("transcription", id.0.to_string()),
        };
        Self {
            owner_id: owner_id(&record.used.owner),
            operation: record.used.operation.name(),
            key: record.used.key.as_str(),
            fingerprint: &record.fingerprint.0,
            created_kind,
            created_id,
            created_at: At(record.created_at),
        }
    }
}
