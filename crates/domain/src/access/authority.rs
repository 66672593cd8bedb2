//! On whose authority others' accounts are changed.

use super::{Permission, PermissionDenied, Principal, RolePermissions};
use crate::account::UserId;

/// Who changes others' accounts: somebody with an account, or the operator of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// An account behind a live session.
    Account(Principal),
    /// Whoever runs commands on the machine that the database is on. They may do everything, as they could change the
    /// database's file as well. There is no account behind them: nothing is their own, and no account is the actor of
    /// what they do.
    MachineOperator,
}

impl Authority {
    /// The account, if there is one.
    pub fn account(&self) -> Option<UserId> {
        match self {
            Self::Account(principal) => Some(principal.user),
            Self::MachineOperator => None,
        }
    }

    /// As [`Principal::require`].
    pub fn require(&self, permission: &Permission) -> Result<(), PermissionDenied> {
        match self {
            Self::Account(principal) => principal.require(permission),
            Self::MachineOperator => Ok(()),
        }
    }

    /// As [`Principal::may_grant`].
    pub fn may_grant(&self, rights: &RolePermissions) -> Result<(), PermissionDenied> {
        match self {
            Self::Account(principal) => principal.may_grant(rights),
            Self::MachineOperator => Ok(()),
        }
    }

    /// As [`Principal::may_act_on`].
    pub fn may_act_on(&self, other: UserId, rights: &RolePermissions) -> Result<(), PermissionDenied> {
        match self {
            Self::Account(principal) => principal.may_act_on(other, rights),
            Self::MachineOperator => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        access::{Role, RoleName},
        session::SessionId,
    };

    fn reader() -> Authority {
        Authority::Account(Principal {
            user: UserId(Uuid::nil()),
            session: SessionId(Uuid::nil()),
            role: RoleName::READ_ONLY,
            permissions: Role::built_in(&RoleName::READ_ONLY).unwrap().permissions,
            can_interact: true,
        })
    }

    #[test]
    fn the_operator_of_the_machine_may_do_everything() {
        let operator = Authority::MachineOperator;
        let unknown = Permission::parse("coffee.brew").unwrap();
        assert_eq!(operator.require(&unknown), Ok(()));
        assert_eq!(operator.may_grant(&RolePermissions::All), Ok(()));
        assert_eq!(operator.may_act_on(UserId(Uuid::max()), &RolePermissions::All), Ok(()));
    }

    #[test]
    fn an_account_may_do_what_its_principal_may() {
        let (reader, other) = (reader(), UserId(Uuid::max()));
        assert_eq!(reader.require(&Permission::TRANSCRIPTIONS_READ), Ok(()));
        let missing = PermissionDenied::Missing(Permission::USERS_VIEW);
        assert_eq!(reader.require(&Permission::USERS_VIEW), Err(missing));
        assert_eq!(reader.may_grant(&RolePermissions::All), Err(PermissionDenied::NotHeld));
        assert_eq!(reader.may_act_on(other, &RolePermissions::All), Err(PermissionDenied::Outranked));
    }

    #[test]
    fn there_is_no_account_behind_the_operator_of_the_machine() {
        assert_eq!(reader().account(), Some(UserId(Uuid::nil())));
        assert_eq!(Authority::MachineOperator.account(), None);
    }
}
