//! Giving somebody else's account another password.

use std::sync::Arc;

use lectern_domain::{
    account::{Password, PasswordContext, PasswordHash, PasswordPolicy, PasswordViolation, UserId},
    audit::AuditKind,
};

use super::{AdministerError, administration::Administration};
use crate::{
    MachineOperator,
    error::use_case_error,
    ports::{AccountView, Clock, HashError, Ids, PasswordHasher, Queries, StoreError, Transactions},
    retry::again_if_contended,
};

/// Gives an account another password. All of its sessions end.
///
/// Only the operator of the machine does this, and no permission allows it: whoever sets somebody's password can be them,
/// and nothing over the network shall let anybody be somebody who may do more than they may. (Holders of the admin token
/// set passwords of accounts without any power over others, by [`ChangeByAdminToken`](super::ChangeByAdminToken).)
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct SetPassword {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why the password is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SetPasswordError {
    /// The policy refused it.
    #[error("the password {0}")]
    Weak(PasswordViolation),
    /// It could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The account is not there, or is deleted.
    #[error(transparent)]
    Account(#[from] AdministerError),
}

use_case_error!(SetPasswordError {
    Weak => Invalid, "validation_failed", "password";
    ..Hash, Account
});

impl From<StoreError> for SetPasswordError {
    fn from(error: StoreError) -> Self {
        Self::Account(error.into())
    }
}

impl SetPassword {
    /// Sets it. It must pass the policy of API v1.
    pub async fn execute(
        &self,
        operator: &MachineOperator,
        id: UserId,
        password: Password,
    ) -> Result<AccountView, SetPasswordError> {
        let account = self.queries.account(id).await?.ok_or(AdministerError::NotFound)?;
        let user = account.user.parts();
        let names = PasswordContext { username: user.username.as_ref(), email: user.email.as_ref() };
        PasswordPolicy::V1.check(&password, names).map_err(SetPasswordError::Weak)?;
        let hash = self.hasher.hash(password).await?;
        again_if_contended(|| self.attempt(operator, id, hash.clone())).await
    }

    async fn attempt(
        &self,
        operator: &MachineOperator,
        id: UserId,
        hash: PasswordHash,
    ) -> Result<AccountView, SetPasswordError> {
        let now = self.clock.now();
        let mut change = Administration::begin(&*self.transactions, operator.into(), &[], id, now).await?;
        let user = change.with_password(hash).await?;
        Ok(change.finish(&*self.ids, user, AuditKind::PasswordChanged).await?)
    }
}
