//! Who acts on others' accounts: a caller with a session, the holder of the admin token, or the operator of the machine.

use lectern_domain::{
    access::{Authority, Permission, PermissionDenied},
    account::UserId,
    audit::{AuditEvent, AuditKind, Origin},
    session::UserAgent,
    time::Timestamp,
};

use crate::{
    Caller,
    accounts::acting,
    caller::audit_event,
    ports::{Ids, StoreError, UnitOfWork},
};

/// Whoever runs commands on the machine that the database is on: no account, every permission.
///
/// No request is ever theirs: requests come with a [`Caller`] or an [`AdminTokenHolder`], whom only tokens make, and the
/// crates that take requests don't name this type (`cargo xtask tidy`).
#[derive(Debug, Clone)]
pub struct MachineOperator {
    origin: Origin,
}

impl MachineOperator {
    /// What the audit log says that changes by them came from.
    pub const USER_AGENT: &'static str = "lectern command line";

    /// The one who runs this process.
    pub fn at_the_command_line() -> Self {
        let user_agent = UserAgent::from_header(Self::USER_AGENT);
        Self { origin: Origin { ip: None, user_agent, request_id: None } }
    }

    /// The audit event of what they do to the account `subject`, or to none in particular. It has no actor.
    pub(crate) fn event(
        &self,
        ids: &dyn Ids,
        at: Timestamp,
        kind: AuditKind,
        subject: Option<UserId>,
    ) -> AuditEvent {
        audit_event(ids, at, kind, None, subject, &self.origin)
    }
}

/// Whoever presented the server's admin token with a request: no account, and [little power](Authority::AdminTokenHolder).
#[derive(Debug, Clone)]
pub struct AdminTokenHolder {
    origin: Origin,
}

impl AdminTokenHolder {
    /// The one behind a request from there. Only for whoever has compared the token.
    pub fn verified(origin: Origin) -> Self {
        Self { origin }
    }
}

/// Who acts on others' accounts.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// Somebody with an account, by a request.
    Caller(&'a Caller),
    /// Somebody with the admin token, by a request.
    AdminTokenHolder(&'a AdminTokenHolder),
    /// The operator of the machine, by a command.
    MachineOperator(&'a MachineOperator),
}

impl<'a> From<&'a Caller> for Actor<'a> {
    fn from(caller: &'a Caller) -> Self {
        Self::Caller(caller)
    }
}

impl<'a> From<&'a AdminTokenHolder> for Actor<'a> {
    fn from(holder: &'a AdminTokenHolder) -> Self {
        Self::AdminTokenHolder(holder)
    }
}

impl<'a> From<&'a MachineOperator> for Actor<'a> {
    fn from(operator: &'a MachineOperator) -> Self {
        Self::MachineOperator(operator)
    }
}

impl Actor<'_> {
    /// The account, if there is one.
    pub(crate) fn account(self) -> Option<UserId> {
        match self {
            Self::Caller(caller) => Some(caller.principal.user),
            Self::AdminTokenHolder(_) | Self::MachineOperator(_) => None,
        }
    }

    /// Passes if they held `permission` when they came.
    pub(crate) fn require(self, permission: &Permission) -> Result<(), PermissionDenied> {
        match self {
            Self::Caller(caller) => caller.principal.require(permission),
            Self::AdminTokenHolder(_) => Authority::AdminTokenHolder.require(permission),
            Self::MachineOperator(_) => Ok(()),
        }
    }

    /// What they may do now, inside the unit; `None` for a caller whose session was ended, or whose account can't be
    /// used any more. Nobody ends the others'.
    pub(crate) async fn authority(
        self,
        work: &mut dyn UnitOfWork,
        now: Timestamp,
    ) -> Result<Option<Authority>, StoreError> {
        match self {
            Self::Caller(caller) => Ok(acting(work, caller, now).await?.map(Authority::Account)),
            Self::AdminTokenHolder(_) => Ok(Some(Authority::AdminTokenHolder)),
            Self::MachineOperator(_) => Ok(Some(Authority::MachineOperator)),
        }
    }

    /// The audit event of what they do to the account `subject`.
    pub(crate) fn event(self, ids: &dyn Ids, at: Timestamp, kind: AuditKind, subject: UserId) -> AuditEvent {
        match self {
            Self::Caller(caller) => caller.event(ids, at, kind, subject),
            Self::AdminTokenHolder(holder) => audit_event(ids, at, kind, None, Some(subject), &holder.origin),
            Self::MachineOperator(operator) => operator.event(ids, at, kind, Some(subject)),
        }
    }
}
