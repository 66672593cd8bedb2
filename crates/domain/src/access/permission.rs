//! Permissions: names that use cases ask for.

use std::{borrow::Cow, collections::BTreeSet, fmt, sync::Arc};

/// A permission's name, `[a-z][a-z0-9_.:-]{0,63}`. Names unknown to Lectern are kept: clients use their own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(Cow<'static, str>);

/// Why a permission's name was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a lower-case letter followed by at most 63 of a-z, 0-9, '_', '.', ':' and '-'")]
pub struct PermissionError;

impl Permission {
    /// Find accounts and read them.
    pub const USERS_VIEW: Self = Self::known("users.view");
    /// Make accounts for others.
    pub const USERS_CREATE: Self = Self::known("users.create");
    /// Change others' profiles.
    pub const USERS_UPDATE: Self = Self::known("users.update");
    /// Let accounts interact under registration by approval.
    pub const USERS_APPROVE: Self = Self::known("users.approve");
    /// Block and unblock accounts, end their sessions.
    pub const USERS_BLOCK: Self = Self::known("users.block");
    /// Soft-delete and restore accounts.
    pub const USERS_DELETE: Self = Self::known("users.delete");
    /// Give and take roles and permissions.
    pub const USERS_GRANT: Self = Self::known("users.grant");
    /// See the roles.
    pub const ROLES_VIEW: Self = Self::known("roles.view");
    /// Make, change and delete custom roles.
    pub const ROLES_MANAGE: Self = Self::known("roles.manage");
    /// Add to and take from others' balances.
    pub const BALANCE_ADJUST: Self = Self::known("balance.adjust");
    /// Read the audit log and the request log.
    pub const AUDIT_VIEW: Self = Self::known("audit.view");
    /// Upload recordings, and retry their transcription.
    pub const TRANSCRIPTIONS_CREATE: Self = Self::known("transcriptions.create");
    /// Read and export one's own transcriptions.
    pub const TRANSCRIPTIONS_READ: Self = Self::known("transcriptions.read");
    /// Rename and cancel one's own transcriptions.
    pub const TRANSCRIPTIONS_UPDATE: Self = Self::known("transcriptions.update");
    /// Delete one's own transcriptions.
    pub const TRANSCRIPTIONS_DELETE: Self = Self::known("transcriptions.delete");
    /// Read anybody's transcriptions.
    pub const TRANSCRIPTIONS_READ_ANY: Self = Self::known("transcriptions.read_any");

    /// Every permission that a use case of Lectern asks for.
    pub const KNOWN: [Self; 16] = [
        Self::USERS_VIEW,
        Self::USERS_CREATE,
        Self::USERS_UPDATE,
        Self::USERS_APPROVE,
        Self::USERS_BLOCK,
        Self::USERS_DELETE,
        Self::USERS_GRANT,
        Self::ROLES_VIEW,
        Self::ROLES_MANAGE,
        Self::BALANCE_ADJUST,
        Self::AUDIT_VIEW,
        Self::TRANSCRIPTIONS_CREATE,
        Self::TRANSCRIPTIONS_READ,
        Self::TRANSCRIPTIONS_UPDATE,
        Self::TRANSCRIPTIONS_DELETE,
        Self::TRANSCRIPTIONS_READ_ANY,
    ];

    /// Those that concern nothing but one's own things. Holding them gives no power over anybody.
    pub const OF_ONES_OWN: [Self; 4] = [
        Self::TRANSCRIPTIONS_CREATE,
        Self::TRANSCRIPTIONS_READ,
        Self::TRANSCRIPTIONS_UPDATE,
        Self::TRANSCRIPTIONS_DELETE,
    ];

    const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Checks a permission's name.
    pub fn parse(name: &str) -> Result<Self, PermissionError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.:-".contains(c);
        let well_formed = name.len() <= 64
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(allowed);
        if well_formed { Ok(Self(Cow::Owned(name.to_owned()))) } else { Err(PermissionError) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Permissions in the order of their names, each once. Clones share them: every request carries its caller's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PermissionSet(Arc<BTreeSet<Permission>>);

/// So many permissions would make tokens longer than servers and browsers carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {} permissions", PermissionSet::MAX_GRANTED)]
pub struct TooManyPermissions;

impl PermissionSet {
    /// The most permissions that a role, or an account directly, may be given.
    pub const MAX_GRANTED: usize = 64;

    /// The set, if it is small enough to be given to somebody.
    pub fn grantable(self) -> Result<Self, TooManyPermissions> {
        if self.0.len() > Self::MAX_GRANTED { Err(TooManyPermissions) } else { Ok(self) }
    }

    /// Whether it holds `permission`.
    pub fn contains(&self, permission: &Permission) -> bool {
        self.0.contains(permission)
    }

    /// What either holds.
    pub fn union(&self, other: &Self) -> Self {
        match (self.0.is_empty(), other.0.is_empty()) {
            (_, true) => self.clone(),
            (true, false) => other.clone(),
            (false, false) => self.0.union(&other.0).cloned().collect(),
        }
    }

    /// What it holds and `other` doesn't.
    pub fn difference(&self, other: &Self) -> Self {
        self.0.difference(&other.0).cloned().collect()
    }

    /// Whether `other` holds all of it.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The permissions, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Permission> {
        self.0.iter()
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(Arc::new(permissions.into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_well_formed_and_listed_once() {
        for permission in Permission::KNOWN {
            assert_eq!(Permission::parse(permission.as_str()), Ok(permission));
        }
        assert_eq!(PermissionSet::from_iter(Permission::KNOWN).iter().len(), Permission::KNOWN.len());
    }

    #[test]
    fn what_is_given_is_bounded() {
        let set = |count: usize| {
            let names = (0..count).map(|number| Permission::parse(&format!("p{number}")).unwrap());
            names.collect::<PermissionSet>().grantable()
        };
        assert!(set(PermissionSet::MAX_GRANTED).is_ok());
        assert_eq!(set(PermissionSet::MAX_GRANTED + 1), Err(TooManyPermissions));
    }

    #[test]
    fn names_are_bounded() {
        assert!(Permission::parse(&format!("a{}", "b".repeat(63))).is_ok());
        for name in ["", "A", "1a", "a b", "a/b", "é", &"a".repeat(65)] {
            assert_eq!(Permission::parse(name), Err(PermissionError), "{name}");
        }
    }

    #[test]
    fn a_union_holds_what_either_holds() {
        let none = PermissionSet::default();
        let view = PermissionSet::from_iter([Permission::USERS_VIEW]);
        let block = PermissionSet::from_iter([Permission::USERS_BLOCK]);
        let both = PermissionSet::from_iter([Permission::USERS_VIEW, Permission::USERS_BLOCK]);
        assert_eq!(none.union(&none), none);
        assert_eq!(view.union(&none), view);
        assert_eq!(none.union(&view), view);
        assert_eq!(view.union(&block), both);
        assert_eq!(both.union(&view), both);
    }
}
