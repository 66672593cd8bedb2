//! An account as sessions show it.

use lectern_domain::{
    access::{Principal, Role, RolePermissions},
    account::UserSnapshot,
    session::SessionId,
};

use super::AccountView;

/// An account with its role, without its password's hash: it is remembered outside the database, where a hash has no
/// business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSnapshot {
    /// The account.
    pub user: UserSnapshot,
    /// Its role.
    pub role: Role,
}

impl From<AccountView> for AccountSnapshot {
    fn from(AccountView { user, role }: AccountView) -> Self {
        Self { user: user.into(), role }
    }
}

impl AccountSnapshot {
    /// What it may do: its role's and its direct permissions together.
    pub fn rights(&self) -> RolePermissions {
        self.role.permissions.with(&self.user.parts().permissions)
    }

    /// Who acts with a session of it. Only for one that is live, of an account that is active.
    pub(crate) fn principal(&self, session: SessionId) -> Principal {
        let user = self.user.parts();
        Principal {
            user: user.id,
            number: user.number,
            session,
            role: user.role.clone(),
            permissions: self.rights(),
            can_interact: user.can_interact,
        }
    }
}
