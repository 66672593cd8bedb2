//! What is written down about security-relevant events. Append-only; details never hold secrets, and addresses only
//! masked.

use std::net::IpAddr;

use uuid::Uuid;

use crate::{
    account::UserId, session::SessionId, session::UserAgent, time::Timestamp, transcription::TranscriptionId,
};

/// An audit event's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditEventId(pub Uuid);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditKind {
    /// An account was made.
    SignedUp,
    /// Somebody signed in.
    LoggedIn(SessionId),
    /// Somebody failed to sign in.
    LoginFailed,
    /// Somebody signed out.
    LoggedOut(SessionId),
    /// An old refresh token was presented, and its session ended.
    RefreshReused(SessionId),
    /// A session was ended to make room for a new one.
    SessionDisplaced(SessionId),
    /// A session was ended from elsewhere.
    SessionRevoked(SessionId),
    /// Somebody changed their password.
    PasswordChanged,
    /// An account was deleted.
    AccountDeleted,
    /// A recording was uploaded.
    TranscriptionCreated(TranscriptionId),
    /// A transcription was called off.
    TranscriptionCancelled(TranscriptionId),
    /// A transcription was deleted.
    TranscriptionDeleted(TranscriptionId),
    /// A transcript was exported.
    TranscriptExported(TranscriptionId),
}

impl AuditKind {
    /// The name under which it is stored and found.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::LoggedIn(_) => "logged_in",
            Self::LoginFailed => "login_failed",
            Self::LoggedOut(_) => "logged_out",
            Self::RefreshReused(_) => "refresh_reused",
            Self::SessionDisplaced(_) => "session_displaced",
            Self::SessionRevoked(_) => "session_revoked",
            Self::PasswordChanged => "password_changed",
            Self::AccountDeleted => "account_deleted",
            Self::TranscriptionCreated(_) => "transcription_created",
            Self::TranscriptionCancelled(_) => "transcription_cancelled",
            Self::TranscriptionDeleted(_) => "transcription_deleted",
            Self::TranscriptExported(_) => "transcript_exported",
        }
    }

    /// The thing it happened to, besides the account.
    pub const fn object(&self) -> Option<Uuid> {
        match self {
            Self::SignedUp | Self::LoginFailed | Self::PasswordChanged | Self::AccountDeleted => None,
            Self::LoggedIn(session)
            | Self::LoggedOut(session)
            | Self::RefreshReused(session)
            | Self::SessionDisplaced(session)
            | Self::SessionRevoked(session) => Some(session.0),
            Self::TranscriptionCreated(id)
            | Self::TranscriptionCancelled(id)
            | Self::TranscriptionDeleted(id)
            | Self::TranscriptExported(id) => Some(id.0),
        }
    }
}

/// Where a request came from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The client's address, if known.
    pub ip: Option<IpAddr>,
    /// What the client calls itself.
    pub user_agent: UserAgent,
    /// The request's id, for finding its log lines.
    pub request_id: Option<Uuid>,
}

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Its id, ordered by time.
    pub id: AuditEventId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: AuditKind,
    /// Who did it, if known.
    pub actor: Option<UserId>,
    /// Whose account it concerns, if any.
    pub subject: Option<UserId>,
    /// From where.
    pub origin: Origin,
}
