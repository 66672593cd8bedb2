//! Audit events. They are only ever written.

use diesel::prelude::Insertable;
use lectern_domain::audit::{AuditEvent, AuditKind};
use uuid::Uuid;

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
