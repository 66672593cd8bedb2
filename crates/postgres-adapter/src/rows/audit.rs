//! Audit events: written as what the domain knows, read as what was known when they were written.

use diesel::prelude::{Insertable, QueryableByName};
use lectern_application::ports::{AuditEntry, StoreError};
use lectern_domain::{
    account::UserId,
    audit::{AuditEvent, AuditEventId, AuditKind},
};
use serde_json::Value;
use uuid::Uuid;

use super::{At, Row};
use crate::schema::audit_events;

/// A whole event.
#[derive(Insertable)]
#[diesel(table_name = audit_events)]
pub(crate) struct AuditValues<'a> {
    id: Uuid,
    at: At,
    kind: &'static str,
    object_id: Option<Uuid>,
    actor_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    ip: Option<String>,
    user_agent: &'a str,
    request_id: Option<Uuid>,
    /// An object of texts.
    details: Value,
}

impl<'a> From<&'a AuditEvent> for AuditValues<'a> {
    fn from(event: &'a AuditEvent) -> Self {
        Self {
            id: event.id.0,
            at: At(event.at),
            kind: event.kind.name(),
            object_id: event.kind.object(),
            actor_id: event.actor.map(|id| id.0),
            subject_id: event.subject.map(|id| id.0),
            ip: event.origin.ip.map(|ip| ip.to_string()),
            user_agent: event.origin.user_agent.as_str(),
            request_id: event.origin.request_id,
            details: details(&event.kind),
        }
    }
}

fn details(kind: &AuditKind) -> Value {
    let named = kind.details().into_iter().map(|(name, text)| (name.to_owned(), text.into()));
    Value::Object(named.collect())
}

/// A whole event, as it was written.
#[derive(QueryableByName)]
#[diesel(table_name = audit_events)]
pub(crate) struct AuditRow {
    id: Uuid,
    at: At,
    kind: String,
    object_id: Option<Uuid>,
    actor_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    ip: Option<String>,
    user_agent: String,
    request_id: Option<Uuid>,
    details: Value,
}

impl TryFrom<AuditRow> for AuditEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self, StoreError> {
        let cells = Row { table: "audit_events", key: &row.id };
        Ok(Self {
            id: AuditEventId(row.id),
            at: row.at.0,
            kind: row.kind,
            actor: row.actor_id.map(UserId),
            subject: row.subject_id.map(UserId),
            object: row.object_id,
            ip: cells.optional("ip", row.ip, |ip| ip.parse().ok())?,
            user_agent: row.user_agent,
            request_id: row.request_id,
            details: cells.valid("details", serde_json::from_value(row.details).ok())?,
        })
    }
}
