//! Roles.

use async_trait::async_trait;
use lectern_application::ports::{Constraint, RoleStore, StoreError};
use lectern_domain::{
    access::{Role, RoleName},
    account::{AccountEpoch, User, UserParts},
};

use super::MemoryUnitOfWork;
use crate::memory::tables::{Tables, no_such_row};

fn count(tables: &Tables, role: &RoleName) -> usize {
    tables.users.values().filter(|user| user.parts().role == *role).count()
}

#[async_trait]
impl RoleStore for MemoryUnitOfWork {
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        self.read(|tables| tables.roles.0.get(name).cloned())
    }

    async fn insert_role(&mut self, role: &Role) -> Result<(), StoreError> {
        self.call(|tables| match tables.roles.0.insert(role.name.clone(), role.clone()) {
            Some(_) => Err(StoreError::Conflict { constraint: Constraint::RoleName }),
            None => Ok(()),
        })
    }

    async fn save_role(&mut self, role: &Role) -> Result<(), StoreError> {
        self.call(|tables| match tables.roles.0.insert(role.name.clone(), role.clone()) {
            Some(_) => Ok(()),
            None => Err(no_such_row("roles")),
        })
    }

    async fn delete_role(&mut self, name: &RoleName) -> Result<(), StoreError> {
        self.call(|tables| {
            if count(tables, name) > 0 {
                return Err(StoreError::Conflict { constraint: Constraint::Other("users.role".to_owned()) });
            }
            tables.roles.0.remove(name);
            Ok(())
        })
    }

    async fn count_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        self.read(|tables| u32::try_from(count(tables, role)).unwrap_or(u32::MAX))
    }

    async fn raise_epochs(&mut self, role: &RoleName) -> Result<(), StoreError> {
        self.call(|tables| {
            for user in tables.users.values_mut().filter(|user| user.parts().role == *role) {
                let epoch = AccountEpoch(user.parts().epoch.0.saturating_add(1));
                let parts = UserParts { epoch, ..user.parts().clone() };
                *user =
                    User::from_parts(parts).map_err(|error| StoreError::Backend { source: error.into() })?;
            }
            Ok(())
        })
    }
}
