//! Roles.

use async_trait::async_trait;
use lectern_application::ports::{RoleStore, StoreError};
use lectern_domain::access::{Role, RoleName};

use super::SqliteUnitOfWork;
use crate::statements::roles;

#[async_trait]
impl RoleStore for SqliteUnitOfWork {
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        let name = name.clone();
        self.call(move |connection| roles::by_name(connection, &name)).await
    }

    async fn insert_role(&mut self, role: &Role) -> Result<(), StoreError> {
        let role = role.clone();
        self.call(move |connection| roles::insert(connection, &role)).await
    }

    async fn save_role(&mut self, role: &Role) -> Result<(), StoreError> {
        let role = role.clone();
        self.call(move |connection| roles::save(connection, &role)).await
    }

    async fn delete_role(&mut self, name: &RoleName) -> Result<(), StoreError> {
        let name = name.clone();
        self.call(move |connection| roles::delete(connection, &name)).await
    }

    async fn count_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        let role = role.clone();
        self.call(move |connection| roles::count_users(connection, &role)).await
    }

    async fn raise_epochs(&mut self, role: &RoleName) -> Result<(), StoreError> {
        let role = role.clone();
        self.call(move |connection| roles::raise_epochs(connection, &role)).await
    }
}
