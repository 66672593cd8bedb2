//! Roles: named sets of permissions.

use std::{borrow::Cow, fmt};

use super::{Permission, PermissionSet};

/// A role's name, `[a-z][a-z0-9_-]{0,63}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(Cow<'static, str>);

/// Why a role's name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a lower-case letter followed by at most 63 of a-z, 0-9, '_' and '-'")]
pub struct RoleNameError;

impl RoleName {
    /// May do everything.
    pub const ADMIN: Self = Self(Cow::Borrowed("admin"));
    /// Looks after accounts.
    pub const OPERATOR: Self = Self(Cow::Borrowed("operator"));
    /// Has recordings of their own.
    pub const METHODIST: Self = Self(Cow::Borrowed("methodist"));
    /// The default.
    pub const USER: Self = Self(Cow::Borrowed("user"));
    /// Reads what is theirs.
    pub const READ_ONLY: Self = Self(Cow::Borrowed("read_only"));

    /// Checks a role's name.
    pub fn parse(name: &str) -> Result<Self, RoleNameError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
        let well_formed = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(allowed);
        if well_formed { Ok(Self(Cow::Owned(name.to_owned()))) } else { Err(RoleNameError) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a role allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RolePermissions {
    /// Everything, including permissions that Lectern doesn't know.
    All,
    /// These.
    Only(PermissionSet),
}

impl RolePermissions {
    /// Whether they hold `permission`.
    pub fn contains(&self, permission: &Permission) -> bool {
        match self {
            Self::All => true,
            Self::Only(set) => set.contains(permission),
        }
    }

    /// Whether they hold everything that `others` hold.
    pub fn cover(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(own), Self::Only(others)) => others.is_subset(own),
        }
    }

    /// These and `direct` ones.
    pub fn with(&self, direct: &PermissionSet) -> Self {
        match self {
            Self::All => Self::All,
            Self::Only(set) => Self::Only(set.union(direct)),
        }
    }

    /// The names to show: of [`RolePermissions::All`], those that Lectern knows.
    pub fn named(&self) -> PermissionSet {
        match self {
            Self::All => Permission::KNOWN.into_iter().collect(),
            Self::Only(set) => set.clone(),
        }
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name, the key.
    pub name: RoleName,
    /// What it allows.
    pub permissions: RolePermissions,
    /// Whether it comes with Lectern, and so can't be changed or deleted.
    pub built_in: bool,
}

/// Names of the roles that come with Lectern.
pub const BUILT_IN_ROLES: [RoleName; 5] =
    [RoleName::ADMIN, RoleName::OPERATOR, RoleName::METHODIST, RoleName::USER, RoleName::READ_ONLY];

/// The role comes with Lectern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this role comes with Lectern and can't be changed or deleted")]
pub struct BuiltInRole;

impl Role {
    /// A role of one's own. Names of built-in roles are theirs alone.
    pub fn custom(name: RoleName, permissions: PermissionSet) -> Result<Self, BuiltInRole> {
        if BUILT_IN_ROLES.contains(&name) {
            return Err(BuiltInRole);
        }
        Ok(Self { name, permissions: RolePermissions::Only(permissions), built_in: false })
    }

    /// The role, allowing something else.
    pub fn with_permissions(self, permissions: PermissionSet) -> Result<Self, BuiltInRole> {
        let custom = self.changeable()?;
        Ok(Self { permissions: RolePermissions::Only(permissions), ..custom })
    }

    /// The role, if it may be changed and deleted.
    pub fn changeable(self) -> Result<Self, BuiltInRole> {
        if self.built_in { Err(BuiltInRole) } else { Ok(self) }
    }

    /// The built-in role of that name.
    pub fn built_in(name: &RoleName) -> Option<Self> {
        let own = [
            Permission::TRANSCRIPTIONS_CREATE,
            Permission::TRANSCRIPTIONS_READ,
            Permission::TRANSCRIPTIONS_UPDATE,
            Permission::TRANSCRIPTIONS_DELETE,
        ];
        let permissions = match name.as_str() {
            "admin" => RolePermissions::All,
            "operator" => RolePermissions::Only(PermissionSet::from_iter([
                Permission::USERS_VIEW,
                Permission::USERS_DELETE,
                Permission::TRANSCRIPTIONS_READ_ANY,
            ])),
            "methodist" | "user" => RolePermissions::Only(PermissionSet::from_iter(own)),
            "read_only" => RolePermissions::Only(PermissionSet::from_iter([Permission::TRANSCRIPTIONS_READ])),
            _ => return None,
        };
        Some(Self { name: name.clone(), permissions, built_in: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_name_has_its_role() {
        for name in BUILT_IN_ROLES {
            assert_eq!(RoleName::parse(name.as_str()), Ok(name.clone()));
            assert!(Role::built_in(&name).is_some_and(|role| role.built_in && role.name == name));
        }
        assert_eq!(RoleName::parse("janitor").map(|name| Role::built_in(&name)), Ok(None));
    }

    #[test]
    fn the_admin_holds_permissions_that_lectern_does_not_know() {
        let admin = Role::built_in(&RoleName::ADMIN).unwrap();
        assert!(admin.permissions.contains(&Permission::parse("coffee.brew").unwrap()));
    }

    #[test]
    fn no_role_takes_the_name_of_a_built_in_one() {
        for name in BUILT_IN_ROLES {
            assert_eq!(Role::custom(name, PermissionSet::default()), Err(BuiltInRole));
        }
    }

    #[test]
    fn only_custom_roles_change() {
        let janitor = Role::custom(RoleName::parse("janitor").unwrap(), PermissionSet::default()).unwrap();
        let rights = PermissionSet::from_iter([Permission::USERS_VIEW]);
        let changed = janitor.with_permissions(rights.clone()).unwrap();
        assert_eq!(changed.permissions, RolePermissions::Only(rights.clone()));
        let admin = Role::built_in(&RoleName::ADMIN).unwrap();
        assert_eq!(admin.with_permissions(rights), Err(BuiltInRole));
    }

    #[test]
    fn no_list_covers_everything() {
        let known = RolePermissions::Only(Permission::KNOWN.into_iter().collect());
        assert!(RolePermissions::All.cover(&known) && RolePermissions::All.cover(&RolePermissions::All));
        assert!(known.cover(&known) && !known.cover(&RolePermissions::All));
        let one = RolePermissions::Only(PermissionSet::from_iter([Permission::USERS_VIEW]));
        assert!(known.cover(&one) && !one.cover(&known));
    }

    #[test]
    fn direct_permissions_add_to_those_of_the_role() {
        let user = Role::built_in(&RoleName::USER).unwrap();
        let direct = PermissionSet::from_iter([Permission::AUDIT_VIEW]);
        let effective = user.permissions.with(&direct);
        assert!(effective.contains(&Permission::AUDIT_VIEW));
        assert!(effective.contains(&Permission::TRANSCRIPTIONS_CREATE));
        assert!(!effective.contains(&Permission::USERS_VIEW));
    }
}
