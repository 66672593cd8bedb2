//! Roles.

use async_trait::async_trait;
use lectern_application::ports::{RoleStore, StoreError};
use lectern_domain::access::{Role, RoleName};

use super::PostgresUnitOfWork;
use crate::statements::roles;

#[async_trait]
impl RoleStore for PostgresUnitOfWork {
    async fn role(&mut self, name: &RoleName) -> Result<Option<Role>, StoreError> {
        self.call(async |connection| roles::by_name(connection, name).await).await
    }

    async fn insert_role(&mut self, role: &Role) -> Result<(), StoreError> {
        self.call(async |connection| roles::insert(connection, role).await).await
    }

    async fn save_role(&mut self, role: &Role) -> Result<(), StoreError> {
        self.call(async |connection| roles::save(connection, role).await).await
    }

    async fn delete_role(&mut self, name: &RoleName) -> Result<(), StoreError> {
        self.call(async |connection| roles::delete(connection, name).await).await
    }

    async fn count_users(&mut self, role: &RoleName) -> Result<u32, StoreError> {
        self.call(async |connection| roles::count_users(connection, role).await).await
    }

    async fn raise_epochs(&mut self, role: &RoleName) -> Result<(), StoreError> {
        self.call(async |connection| roles::raise_epochs(connection, role).await).await
    }
}
