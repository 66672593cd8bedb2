//! Who asks, and from where.

use lectern_domain::{
    access::Principal,
    account::UserId,
    audit::{AuditEvent, AuditEventId, AuditKind, Origin},
    time::Timestamp,
};

use crate::ports::Ids;

/// An authenticated request's principal and origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who asks.
    pub principal: Principal,
    /// From where.
    pub origin: Origin,
}

impl Caller {
    /// The audit event of what the caller does, to the account `subject`.
    pub(crate) fn event(&self, ids: &dyn Ids, at: Timestamp, kind: AuditKind, subject: UserId) -> AuditEvent {
        audit_event(ids, at, kind, Some(self.principal.user), Some(subject), &self.origin)
    }

    /// The audit event of what the caller does to no account in particular.
    pub(crate) fn event_without_subject(&self, ids: &dyn Ids, at: Timestamp, kind: AuditKind) -> AuditEvent {
        audit_event(ids, at, kind, Some(self.principal.user), None, &self.origin)
    }
}

/// An audit event under a new id.
pub(crate) fn audit_event(
    ids: &dyn Ids,
    at: Timestamp,
    kind: AuditKind,
    actor: Option<UserId>,
    subject: Option<UserId>,
    origin: &Origin,
) -> AuditEvent {
    AuditEvent { id: AuditEventId(ids.next()), at, kind, actor, subject, origin: origin.clone() }
}
