//! Listing roles.

use std::sync::Arc;

use lectern_domain::access::{Permission, PermissionDenied, Role};

use crate::{
    Caller,
    error::use_case_error,
    ports::{Queries, StoreError},
};

/// Lists all roles by name. Needs `roles.view`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ListRoles {
    pub queries: Arc<dyn Queries>,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListRolesError {
    /// The caller may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ListRolesError { ..Denied, Store });

impl ListRoles {
    /// Lists them.
    pub async fn execute(&self, caller: &Caller) -> Result<Vec<Role>, ListRolesError> {
        caller.principal.require(&Permission::ROLES_VIEW)?;
        Ok(self.queries.roles().await?)
    }
}
