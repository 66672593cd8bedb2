//! What is written down about security-relevant events. Append-only; details never hold secrets, and addresses only
//! masked.
//!
//! To add a kind, add a variant, its name, and what it says beyond actor and subject: the thing it happened to by its
//! id ([`AuditKind::object`]), everything else as [`AuditKind::details`].

use std::net::IpAddr;

use uuid::Uuid;

use crate::{
    access::{Permission, PermissionSet, RoleName},
    account::UserId,
    session::SessionId,
    session::UserAgent,
    time::Timestamp,
    transcription::TranscriptionId,
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
    /// Somebody asked for a way back in without their password.
    PasswordResetRequested,
    /// A forgotten password was replaced by way of a mail.
    PasswordReset,
    /// Somebody showed that an e-mail address is theirs.
    EmailVerified,
    /// An account was made for somebody else.
    AccountCreated,
    /// Somebody's profile was changed by somebody else, or by themselves.
    AccountUpdated,
    /// An account was blocked.
    AccountBlocked,
    /// A blocked account may be used again.
    AccountUnblocked,
    /// An account was deleted.
    AccountDeleted,
    /// A deleted account was brought back.
    AccountRestored,
    /// An account got another role.
    RoleChanged {
        /// What it was.
        from: RoleName,
        /// What it is now.
        to: RoleName,
    },
    /// An account's direct permissions were changed.
    PermissionsChanged {
        /// Those it had not had.
        granted: PermissionSet,
        /// Those it has no more.
        withdrawn: PermissionSet,
    },
    /// A role was made.
    RoleCreated(RoleName),
    /// What a role allows was changed.
    RoleUpdated(RoleName),
    /// A role was deleted.
    RoleDeleted(RoleName),
    /// Something was added to a balance, or taken from it.
    BalanceChanged {
        /// How much, in integer units.
        amount: i64,
        /// What it came to.
        balance_after: i64,
    },
    /// A recording was uploaded.
    TranscriptionCreated(TranscriptionId),
    /// A transcription was called off.
    TranscriptionCancelled(TranscriptionId),
    /// A transcription was deleted.
    TranscriptionDeleted(TranscriptionId),
    /// A transcript was exported.
    TranscriptExported(TranscriptionId),
    /// A backup was taken.
    BackupTaken {
        /// Its file, without the folder.
        file: String,
        /// The file's size.
        bytes: u64,
    },
    /// A backup could not be taken.
    BackupFailed {
        /// Why, as a stable code.
        code: &'static str,
    },
    /// The database was restored from a backup.
    DatabaseRestored {
        /// The backup's file, without the folder.
        file: String,
        /// When the backup was taken.
        taken_at: Timestamp,
    },
}

impl AuditKind {
    /// All names, for those who look for one.
    pub const NAMES: [&str; 30] = [
        "signed_up",
        "logged_in",
        "login_failed",
        "logged_out",
        "refresh_reused",
        "session_displaced",
        "session_revoked",
        "password_changed",
        "password_reset_requested",
        "password_reset",
        "email_verified",
        "account_created",
        "account_updated",
        "account_blocked",
        "account_unblocked",
        "account_deleted",
        "account_restored",
        "role_changed",
        "permissions_changed",
        "role_created",
        "role_updated",
        "role_deleted",
        "balance_changed",
        "transcription_created",
        "transcription_cancelled",
        "transcription_deleted",
        "transcript_exported",
        "backup_taken",
        "backup_failed",
        "database_restored",
    ];

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
            Self::PasswordResetRequested => "password_reset_requested",
            Self::PasswordReset => "password_reset",
            Self::EmailVerified => "email_verified",
            Self::AccountCreated => "account_created",
            Self::AccountUpdated => "account_updated",
            Self::AccountBlocked => "account_blocked",
            Self::AccountUnblocked => "account_unblocked",
            Self::AccountDeleted => "account_deleted",
            Self::AccountRestored => "account_restored",
            Self::RoleChanged { .. } => "role_changed",
            Self::PermissionsChanged { .. } => "permissions_changed",
            Self::RoleCreated(_) => "role_created",
            Self::RoleUpdated(_) => "role_updated",
            Self::RoleDeleted(_) => "role_deleted",
            Self::BalanceChanged { .. } => "balance_changed",
            Self::TranscriptionCreated(_) => "transcription_created",
            Self::TranscriptionCancelled(_) => "transcription_cancelled",
            Self::TranscriptionDeleted(_) => "transcription_deleted",
            Self::TranscriptExported(_) => "transcript_exported",
            Self::BackupTaken { .. } => "backup_taken",
            Self::BackupFailed { .. } => "backup_failed",
            Self::DatabaseRestored { .. } => "database_restored",
        }
    }

    /// The thing it happened to, besides the account.
    pub const fn object(&self) -> Option<Uuid> {
        match self {
            Self::SignedUp
            | Self::LoginFailed
            | Self::PasswordChanged
            | Self::PasswordResetRequested
            | Self::PasswordReset
            | Self::EmailVerified
            | Self::AccountCreated
            | Self::AccountUpdated
            | Self::AccountBlocked
            | Self::AccountUnblocked
            | Self::AccountDeleted
            | Self::AccountRestored
            | Self::RoleChanged { .. }
            | Self::PermissionsChanged { .. }
            | Self::RoleCreated(_)
            | Self::RoleUpdated(_)
            | Self::RoleDeleted(_)
            | Self::BalanceChanged { .. }
            | Self::BackupTaken { .. }
            | Self::BackupFailed { .. }
            | Self::DatabaseRestored { .. } => None,
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

    /// What else there is to say, by name.
    pub fn details(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::RoleChanged { from, to } => vec![("from", from.to_string()), ("to", to.to_string())],
            Self::PermissionsChanged { granted, withdrawn } => {
                vec![("granted", listed(granted)), ("withdrawn", listed(withdrawn))]
            }
            Self::RoleCreated(role) | Self::RoleUpdated(role) | Self::RoleDeleted(role) => {
                vec![("role", role.to_string())]
            }
            Self::BalanceChanged { amount, balance_after } => {
                vec![("amount", amount.to_string()), ("balance_after", balance_after.to_string())]
            }
            Self::BackupTaken { file, bytes } => {
                vec![("file", file.clone()), ("bytes", bytes.to_string())]
            }
            Self::BackupFailed { code } => vec![("code", (*code).to_owned())],
            Self::DatabaseRestored { file, taken_at } => {
                vec![("file", file.clone()), ("taken_at_unix", taken_at.as_unix_seconds().to_string())]
            }
            _ => Vec::new(),
        }
    }
}

fn listed(permissions: &PermissionSet) -> String {
    permissions.iter().map(Permission::as_str).collect::<Vec<_>>().join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> [AuditKind; AuditKind::NAMES.len()] {
        let session = SessionId(Uuid::nil());
        let transcription = TranscriptionId(Uuid::nil());
        let none = PermissionSet::default;
        [
            AuditKind::SignedUp,
            AuditKind::LoggedIn(session),
            AuditKind::LoginFailed,
            AuditKind::LoggedOut(session),
            AuditKind::RefreshReused(session),
            AuditKind::SessionDisplaced(session),
            AuditKind::SessionRevoked(session),
            AuditKind::PasswordChanged,
            AuditKind::PasswordResetRequested,
            AuditKind::PasswordReset,
            AuditKind::EmailVerified,
            AuditKind::AccountCreated,
            AuditKind::AccountUpdated,
            AuditKind::AccountBlocked,
            AuditKind::AccountUnblocked,
            AuditKind::AccountDeleted,
            AuditKind::AccountRestored,
            AuditKind::RoleChanged { from: RoleName::USER, to: RoleName::ADMIN },
            AuditKind::PermissionsChanged { granted: none(), withdrawn: none() },
            AuditKind::RoleCreated(RoleName::USER),
            AuditKind::RoleUpdated(RoleName::USER),
            AuditKind::RoleDeleted(RoleName::USER),
            AuditKind::BalanceChanged { amount: -3, balance_after: 4 },
            AuditKind::TranscriptionCreated(transcription),
            AuditKind::TranscriptionCancelled(transcription),
            AuditKind::TranscriptionDeleted(transcription),
            AuditKind::TranscriptExported(transcription),
            AuditKind::BackupTaken { file: "lectern-1.tar".to_owned(), bytes: 7 },
            AuditKind::BackupFailed { code: "storage_full" },
            AuditKind::DatabaseRestored {
                file: "lectern-1.tar".to_owned(),
                taken_at: Timestamp::from_micros(0),
            },
        ]
    }

    #[test]
    fn every_kind_is_listed_by_its_name() {
        assert_eq!(every_kind().map(|kind| kind.name()), AuditKind::NAMES);
    }

    #[test]
    fn what_no_id_says_is_in_the_details() {
        let granted = PermissionSet::from_iter([Permission::USERS_VIEW, Permission::AUDIT_VIEW]);
        let kind = AuditKind::PermissionsChanged { granted, withdrawn: PermissionSet::default() };
        let expected = [("granted", "audit.view users.view".to_owned()), ("withdrawn", String::new())];
        assert_eq!(kind.details(), expected);
        let kind = AuditKind::BalanceChanged { amount: -3, balance_after: 4 };
        assert_eq!(kind.details(), [("amount", "-3".to_owned()), ("balance_after", "4".to_owned())]);
    }
}
