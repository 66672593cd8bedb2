//! What somebody may do: permissions, roles, the principal that a request acts as, and the
//! authority on which others' accounts are changed.

mod authority;
mod permission;
mod principal;
mod role;

pub use authority::Authority;
pub use permission::{Permission, PermissionError, PermissionSet, TooManyPermissions};
pub use principal::{PermissionDenied, Principal};
pub use role::{BUILT_IN_ROLES, BuiltInRole, Role, RoleName, RoleNameError, RolePermissions};
