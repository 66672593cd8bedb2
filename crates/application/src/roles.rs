//! Roles: what there are, and what they allow.

mod create;
mod delete;
mod ensure_built_in;
mod list;
mod update;

pub use create::CreateRole;
pub use delete::DeleteRole;
pub use ensure_built_in::EnsureBuiltInRoles;
pub use list::{ListRoles, ListRolesError};
pub use update::UpdateRole;

use lectern_domain::{
    access::{BuiltInRole, Permission, PermissionDenied, Principal},
    time::Timestamp,
};

use crate::{
    Caller, IdempotencyError,
    accounts::acting,
    error::use_case_error,
    ports::{Constraint, StoreError, Transactions, UnitOfWork},
};

/// Why the roles are as they were.
#[derive(Debug, thiserror::Error)]
pub enum ManageRoleError {
    /// There is no such role.
    #[error("there is no such role")]
    NotFound,
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The caller was signed out since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// It comes with Lectern.
    #[error(transparent)]
    BuiltIn(#[from] BuiltInRole),
    /// The name is taken.
    #[error("a role of this name exists already")]
    Exists,
    /// Accounts have it.
    #[error("accounts have this role, deleted ones counted; give them another one first")]
    InUse,
    /// The key of the request was used for another.
    #[error(transparent)]
    Idempotency(#[from] IdempotencyError),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

use_case_error!(ManageRoleError {
    NotFound => NotFound, "role_not_found";
    Revoked => Unauthenticated, "session_revoked";
    BuiltIn => Conflict, "role_built_in";
    Exists => Conflict, "role_exists", "name";
    InUse => Conflict, "role_in_use";
    ..Denied, Idempotency, Store
});

impl From<StoreError> for ManageRoleError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint: Constraint::RoleName } => Self::Exists,
            other => Self::Store(other),
        }
    }
}

/// Begins a unit in which the caller, as they are now, manages roles.
async fn begin(
    transactions: &dyn Transactions,
    caller: &Caller,
    now: Timestamp,
) -> Result<(Box<dyn UnitOfWork>, Principal), ManageRoleError> {
    caller.principal.require(&Permission::ROLES_MANAGE)?;
    let mut work = transactions.begin().await?;
    let principal = manager(&mut *work, caller, now).await?;
    Ok((work, principal))
}

/// The caller as they are now, if they still may manage roles.
async fn manager(
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    now: Timestamp,
) -> Result<Principal, ManageRoleError> {
    let principal = acting(work, caller, now).await?.ok_or(ManageRoleError::Revoked)?;
    principal.require(&Permission::ROLES_MANAGE)?;
    Ok(principal)
}
