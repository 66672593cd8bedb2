//! On whose authority others' accounts are changed.

use super::{Permission, PermissionDenied, PermissionSet, Principal, RolePermissions};
use crate::account::UserId;

/// Who changes others' accounts: somebody with an account, the holder of the admin token, or the operator of the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// An account behind a live session.
    Account(Principal),
    /// Whoever presented the server's admin token. They approve accounts, and act on those alone that hold nothing but
    /// [permissions of their own things](Permission::OF_ONES_OWN) and that of approving: a token that leaked makes nobody
    /// an administrator. There is no account behind them.
    AdminTokenHolder,
    /// Whoever runs commands on the machine that the database is on. They may do everything, as they could change the
    /// database's file as well. There is no account behind them: nothing is their own, and no account is the actor of
    /// what they do.
    MachineOperator,
}

impl Authority {
    /// The permissions that the admin token stands for.
    const ADMIN_TOKEN: [Permission; 1] = [Permission::USERS_APPROVE];

    /// The account, if there is one.
    pub fn account(&self) -> Option<UserId> {
        match self {
            Self::Account(principal) => Some(principal.user),
            Self::AdminTokenHolder | Self::MachineOperator => None,
        }
    }

    /// As [`Principal::require`].
    pub fn require(&self, permission: &Permission) -> Result<(), PermissionDenied> {
        match self {
            Self::Account(principal) => principal.require(permission),
            Self::AdminTokenHolder if Self::ADMIN_TOKEN.contains(permission) => Ok(()),
            Self::AdminTokenHolder => Err(PermissionDenied::Missing(permission.clone())),
            Self::MachineOperator => Ok(()),
        }
    }

    /// As [`Principal::may_grant`].
    pub fn may_grant(&self, rights: &RolePermissions) -> Result<(), PermissionDenied> {
        match self {
            Self::Account(principal) => principal.may_grant(rights),
            Self::AdminTokenHolder if Self::of_admin_token().cover(rights) => Ok(()),
            Self::AdminTokenHolder => Err(PermissionDenied::NotHeld),
            Self::MachineOperator => Ok(()),
        }
    }

    /// As [`Principal::may_act_on`].
    pub fn may_act_on(&self, other: UserId, rights: &RolePermissions) -> Result<(), PermissionDenied> {
        match self {
            Self::Account(principal) => principal.may_act_on(other, rights),
            Self::AdminTokenHolder => {
                let own_things = PermissionSet::from_iter(Permission::OF_ONES_OWN);
                let covered = Self::of_admin_token().with(&own_things).cover(rights);
                if covered { Ok(()) } else { Err(PermissionDenied::Outranked) }
            }
            Self::MachineOperator => Ok(()),
        }
    }

    /// What the admin token stands for.
    fn of_admin_token() -> RolePermissions {
        RolePermissions::Only(PermissionSet::from_iter(Self::ADMIN_TOKEN))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        access::{Role, RoleName},
        account::UserNumber,
        session::SessionId,
    };

    fn reader() -> Authority {
        Authority::Account(Principal {
            user: UserId(Uuid::nil()),
            number: UserNumber(1),
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
    fn the_holder_of_the_admin_token_acts_on_accounts_without_power_over_others_alone() {
        let (holder, other) = (Authority::AdminTokenHolder, UserId(Uuid::max()));
        assert_eq!(holder.require(&Permission::USERS_APPROVE), Ok(()));
        let missing = PermissionDenied::Missing(Permission::USERS_DELETE);
        assert_eq!(holder.require(&Permission::USERS_DELETE), Err(missing));
        let outranked = Err(PermissionDenied::Outranked);
        for (role, expected) in [
            (RoleName::USER, Ok(())),
            (RoleName::METHODIST, Ok(())),
            (RoleName::READ_ONLY, Ok(())),
            (RoleName::OPERATOR, outranked.clone()),
            (RoleName::ADMIN, outranked),
        ] {
            let rights = Role::built_in(&role).unwrap().permissions;
            assert_eq!(holder.may_act_on(other, &rights), expected, "{role}");
        }
        assert_eq!(holder.may_grant(&RolePermissions::All), Err(PermissionDenied::NotHeld));
        assert_eq!(holder.account(), None);
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
