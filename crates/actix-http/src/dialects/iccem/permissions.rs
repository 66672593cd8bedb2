//! Its names of permissions.

use lectern_domain::access::{Permission, PermissionSet};

use crate::problem::{Fields, Problem};

/// What it calls [`Permission::USERS_VIEW`].
const VIEW_USERS: &str = "view_users";

/// The name that its clients know.
pub(super) fn name(permission: &Permission) -> &str {
    if *permission == Permission::USERS_VIEW { VIEW_USERS } else { permission.as_str() }
}

/// The names that its clients know, each once.
pub(super) fn names(permissions: &PermissionSet) -> Vec<String> {
    let mut names: Vec<_> = permissions.iter().map(|permission| name(permission).to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The permissions that a body's field `permissions` names.
pub(super) fn named(names: &[String]) -> Result<PermissionSet, Problem> {
    let mut fields = Fields::default();
    let permissions = names.iter().enumerate().filter_map(|(index, name)| {
        fields.required(&format!("/permissions/{index}"), name, |name| match name {
            VIEW_USERS => Ok(Permission::USERS_VIEW),
            other => Permission::parse(other),
        })
    });
    let permissions: PermissionSet = permissions.collect();
    fields.finish()?;
    Ok(permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_permission_has_another_name() {
        let given = ["view_users", "audit.view", "edit"].map(ToOwned::to_owned);
        let permissions = named(&given).unwrap();
        assert!(permissions.contains(&Permission::USERS_VIEW));
        assert!(!permissions.contains(&Permission::parse("view_users").unwrap()));
        assert_eq!(names(&permissions), ["audit.view", "edit", "view_users"]);
    }

    #[test]
    fn what_is_no_permission_is_pointed_at() {
        let given = ["edit", "Edit Users"].map(ToOwned::to_owned);
        let problem = named(&given).unwrap_err();
        assert_eq!(problem.errors.first().map(|error| error.pointer.as_str()), Some("/permissions/1"));
    }
}
