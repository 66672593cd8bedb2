//! What is read of the audit log.

use std::{collections::BTreeMap, net::IpAddr};

use lectern_domain::{account::UserId, audit::AuditEventId, time::Timestamp};
use uuid::Uuid;

/// An audit event as it was written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub at: Timestamp,
    /// What, by its name. It may be one that only an older or newer version of Lectern writes.
    pub kind: String,
    /// Who did it, if known.
    pub actor: Option<UserId>,
    /// Whose account it concerns, if any.
    pub subject: Option<UserId>,
    /// The session or transcription it happened to, if any.
    pub object: Option<Uuid>,
    /// From which address, if known.
    pub ip: Option<IpAddr>,
    /// What the client called itself.
    pub user_agent: String,
    /// The request's id, for finding its log lines.
    pub request_id: Option<Uuid>,
    /// What else there is to say, by name.
    pub details: BTreeMap<String, String>,
}

/// Which audit events to list. All that is given has to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// Only those of this kind.
    pub kind: Option<&'static str>,
    /// Only what this account did.
    pub actor: Option<UserId>,
    /// Only what concerns this account.
    pub subject: Option<UserId>,
    /// Only those at this time or later.
    pub since: Option<Timestamp>,
    /// Only those before this time.
    pub until: Option<Timestamp>,
}
