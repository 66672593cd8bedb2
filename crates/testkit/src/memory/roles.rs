//! The table of roles.

use std::collections::BTreeMap;

use lectern_domain::access::{BUILT_IN_ROLES, Role, RoleName};

/// All roles by name: at first, those that come with Lectern.
#[derive(Debug, Clone)]
pub(super) struct Roles(pub(super) BTreeMap<RoleName, Role>);

impl Default for Roles {
    fn default() -> Self {
        let built_in = BUILT_IN_ROLES.into_iter().filter_map(|name| Role::built_in(&name));
        Self(built_in.map(|role| (role.name.clone(), role)).collect())
    }
}
