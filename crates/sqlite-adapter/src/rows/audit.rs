//! Audit events: written as what the domain knows, read as what was known when they were written.

use diesel::prelude::{Insertable, QueryableByName};
use lectern_application::ports::{AuditEntry, StoreError};
use lectern_domain::{
    account::UserId,
    audit::{AuditEvent, AuditEventId, AuditKind},
    time::Timestamp,
};
use uuid::Uuid;

use super::{IdKey, Row};
use crate::schema::audit_events;

/// A whole event.
#[derive(Insertable)]
#[diesel(table_name = audit_events)]
pub(crate) struct AuditValues<'a> {
    id: &'a [u8],
    at: i64,
    kind: &'static str,
    object_id: Option<Vec<u8>>,
    actor_id: Option<&'a [u8]>,
    subject_id: Option<&'a [u8]>,
    ip: Option<String>,
    user_agent: &'a str,
    request_id: Option<&'a [u8]>,
    /// A JSON object of texts.
    details: String,
}

impl<'a> From<&'a AuditEvent> for AuditValues<'a> {
    fn from(event: &'a AuditEvent) -> Self {
        let bytes = |id: &'a Uuid| id.as_bytes().as_slice();
        Self {
            id: bytes(&event.id.0),
            at: event.at.as_micros(),
            kind: event.kind.name(),
            object_id: event.kind.object().map(|id| id.as_bytes().to_vec()),
            actor_id: event.actor.as_ref().map(|id| bytes(&id.0)),
            subject_id: event.subject.as_ref().map(|id| bytes(&id.0)),
            ip: event.origin.ip.map(|ip| ip.to_string()),
            user_agent: event.origin.user_agent.as_str(),
            request_id: event.origin.request_id.as_ref().map(bytes),
            details: details(&event.kind),
        }
    }
}

fn details(kind: &AuditKind) -> String {
    let named = kind.details().into_iter().map(|(name, text)| (name.to_owned(), text.into()));
    serde_json::Value::Object(named.collect()).to_string()
}

/// A whole event, as it was written.
#[derive(QueryableByName)]
#[diesel(table_name = audit_events)]
pub(crate) struct AuditRow {
    id: Vec<u8>,
    at: i64,
    kind: String,
    object_id: Option<Vec<u8>>,
    actor_id: Option<Vec<u8>>,
    subject_id: Option<Vec<u8>>,
    ip: Option<String>,
    user_agent: String,
    request_id: Option<Vec<u8>>,
    details: String,
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        let key = IdKey(&row.id);
        let cells = Row { table: "audit_events", key: &key };
        let id = |column, bytes: Option<Vec<u8>>| {
            cells.optional(column, bytes, |bytes| Uuid::from_slice(&bytes).ok())
        };
        Ok(Self {
            id: AuditEventId(cells.uuid("id", &row.id)?),
            at: Timestamp::from_micros(row.at),
            kind: row.kind,
            actor: id("actor_id", row.actor_id)?.map(UserId),
            subject: id("subject_id", row.subject_id)?.map(UserId),
            object: id("object_id", row.object_id)?,
            ip: cells.optional("ip", row.ip, |ip| ip.parse().ok())?,
            user_agent: row.user_agent,
            request_id: id("request_id", row.request_id)?,
            details: cells.valid("details", serde_json::from_str(&row.details).ok())?,
        })
    }
}
