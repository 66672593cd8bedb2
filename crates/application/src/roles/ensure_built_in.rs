//! Making sure of the roles that come with Lectern.

use std::sync::Arc;

use lectern_domain::{
    access::{BUILT_IN_ROLES, Role, RoleName},
    audit::AuditKind,
};

use crate::{
    MachineOperator,
    ports::{Clock, Ids, StoreError, Transactions},
    retry::again_if_contended,
};

/// Puts the built-in roles back as they come with Lectern, where something wrote past the unit of work.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct EnsureBuiltInRoles {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl EnsureBuiltInRoles {
    /// Makes those that are missing, and repairs those that allow something else; access tokens of accounts that have
    /// one of these are stale at once. Answers which: none, as a rule.
    pub async fn execute(&self, operator: &MachineOperator) -> Result<Vec<RoleName>, StoreError> {
        again_if_contended(|| self.attempt(operator)).await
    }

    async fn attempt(&self, operator: &MachineOperator) -> Result<Vec<RoleName>, StoreError> {
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let mut ensured = Vec::new();
        for role in BUILT_IN_ROLES.iter().filter_map(Role::built_in) {
            let name = role.name.clone();
            let kind = match work.role(&name).await? {
                Some(found) if found == role => continue,
                Some(_) => {
                    work.raise_epochs(&name).await?;
                    work.save_role(&role).await?;
                    AuditKind::RoleUpdated(name.clone())
                }
                None => {
                    work.insert_role(&role).await?;
                    AuditKind::RoleCreated(name.clone())
                }
            };
            work.record(&operator.event(&*self.ids, now, kind, None)).await?;
            ensured.push(name);
        }
        work.commit().await?;
        Ok(ensured)
    }
}
