//! Changing one's password.

use std::sync::Arc;

use lectern_domain::{
    access::PermissionDenied,
    account::{Password, PasswordContext, PasswordPolicy, PasswordViolation},
    audit::AuditKind,
    challenge::Purpose,
    session::EndReason,
    throttling::TooSoon,
};
use secrecy::SecretString;

use super::own_password::{is_own_password, still_own};
use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, HashError, Ids, LoginThrottle, PasswordHasher, Queries, StoreError, Transactions},
    sessions::end_all,
};

/// Gives the caller's account another password. All of its other sessions end: whoever knew the old one is out.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ChangePassword {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub throttle: Arc<dyn LoginThrottle>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// From which password to which.
#[derive(Debug, Clone)]
pub struct ChangePasswordInput {
    /// As typed.
    pub current: SecretString,
    /// The new one.
    pub new: Password,
    /// What the API surface asks of passwords.
    pub policy: PasswordPolicy,
}

/// Why the password is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    /// The current password is another.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The policy refused the new one.
    #[error("the password {0}")]
    Weak(PasswordViolation),
    /// The account was blocked, deleted or given another password since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// The account is not the caller's alone.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// There were too many failures from there at this account's password, so it was not checked.
    #[error(transparent)]
    TooSoon(#[from] TooSoon),
    /// A password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ChangePasswordError {
    WrongPassword => Forbidden, "wrong_password", "current_password";
    Weak => Invalid, "validation_failed", "new_password";
    Revoked => Unauthenticated, "session_revoked";
    ..Denied, TooSoon, Hash, Store
});

impl ChangePassword {
    /// Changes it. The session that the request came with goes on.
    pub async fn execute(
        &self,
        caller: &Caller,
        input: ChangePasswordInput,
    ) -> Result<(), ChangePasswordError> {
        caller.principal.require_own_account()?;
        let id = caller.principal.user;
        let account = self.queries.account(id).await?.ok_or(ChangePasswordError::Revoked)?;
        let user = account.user.parts();
        let names = PasswordContext { username: user.username.as_ref(), email: user.email.as_ref() };
        input.policy.check(&input.new, names).map_err(ChangePasswordError::Weak)?;
        let current = input.current;
        let (throttle, hasher) = (&*self.throttle, &*self.hasher);
        if !is_own_password::<ChangePasswordError>(throttle, hasher, caller, &account.user, current).await? {
            return Err(ChangePasswordError::WrongPassword);
        }
        let hash = self.hasher.hash(input.new).await?;

        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let user = still_own(&mut *work, caller, &account.user, now).await?;
        let user = user.ok_or(ChangePasswordError::Revoked)?;
        work.save_user(&user.with_password(hash, now)).await?;
        let except = Some(caller.principal.session);
        work.remove_challenges(id, Purpose::PasswordReset).await?;
        end_all(&mut *work, id, except, EndReason::Revoked, now).await?;
        work.record(&caller.event(&*self.ids, now, AuditKind::PasswordChanged, id)).await?;
        work.commit().await?;
        Ok(())
    }
}
