//! What holders of the admin token change in others' accounts.

use std::sync::Arc;

use lectern_domain::{
    access::Permission,
    account::{Password, PasswordContext, PasswordHash, PasswordPolicy, Standing, UserId, UserNumber},
    audit::AuditKind,
};

use super::{AdministerError, SetPasswordError, administration::Administration};
use crate::{
    AdminTokenHolder,
    ports::{AccountView, Clock, Ids, PasswordHasher, Queries, Transactions},
    retry::again_if_contended,
};

/// Changes an account's password, which ends all of its sessions, and whether it may interact: both, or neither.
///
/// Whose account can do what the token can't is not theirs to change: see
/// [`Authority::AdminTokenHolder`](lectern_domain::access::Authority::AdminTokenHolder).
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ChangeByAdminToken {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// What to change. Nothing is a look.
#[derive(Debug, Clone)]
pub struct ChangeByAdminTokenInput {
    /// The new password, if there is to be one.
    pub password: Option<Password>,
    /// What is asked of it.
    pub policy: PasswordPolicy,
    /// Whether the account may upload and change things, if that is to change.
    pub can_interact: Option<bool>,
}

impl ChangeByAdminToken {
    /// Changes the account of that number.
    pub async fn execute(
        &self,
        holder: &AdminTokenHolder,
        number: UserNumber,
        input: ChangeByAdminTokenInput,
    ) -> Result<AccountView, SetPasswordError> {
        let ChangeByAdminTokenInput { password, policy, can_interact } = input;
        let account = self.queries.account_by_number(number).await?.ok_or(AdministerError::NotFound)?;
        let user = account.user.parts();
        let hash = match password {
            Some(password) => {
                let names = PasswordContext { username: user.username.as_ref(), email: user.email.as_ref() };
                policy.check(&password, names).map_err(SetPasswordError::Weak)?;
                Some(self.hasher.hash(password).await?)
            }
            None => None,
        };
        again_if_contended(|| self.attempt(holder, user.id, hash.clone(), can_interact)).await
    }

    async fn attempt(
        &self,
        holder: &AdminTokenHolder,
        id: UserId,
        hash: Option<PasswordHash>,
        can_interact: Option<bool>,
    ) -> Result<AccountView, SetPasswordError> {
        let now = self.clock.now();
        let needed = [Permission::USERS_APPROVE];
        let mut change = Administration::begin(&*self.transactions, holder.into(), &needed, id, now).await?;
        if matches!(change.account.user.standing(), Standing::Deleted { .. }) {
            return Err(AdministerError::NotFound.into());
        }
        let mut user = change.account.user.clone();
        let mut done = Vec::new();
        if let Some(hash) = hash {
            user = change.with_password(hash).await?;
            done.push(AuditKind::PasswordChanged);
        }
        if let Some(can_interact) = can_interact {
            user = if can_interact { user.approve(now) } else { user.disapprove(now) };
            done.push(AuditKind::AccountUpdated);
        }
        if done.is_empty() {
            return Ok(change.account);
        }
        Ok(change.finish_saying(&*self.ids, user, done).await?)
    }
}
