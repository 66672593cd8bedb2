//! What somebody may do: permissions, roles, and the principal that a request acts as.

mod permission;
mod principal;
mod role;

pub use permission::{Permission, PermissionError, PermissionSet, TooManyPermissions};
pub use principal::{PermissionDenied, Principal};
pub use role::{BUILT_IN_ROLES, BuiltInRole, Role, RoleName, RoleNameError, RolePermissions};
