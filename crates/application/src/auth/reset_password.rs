//! Replacing a password that was forgotten.

use std::sync::Arc;

use lectern_domain::{
    account::{Password, PasswordContext, PasswordPolicy, PasswordViolation, User},
    audit::{AuditKind, Origin},
    challenge::Purpose,
    session::EndReason,
    throttling::AccountKey,
    time::Timestamp,
};
use secrecy::SecretString;

use super::challenges::challenge_of;
use crate::{
    caller::audit_event,
    error::use_case_error,
    ports::{Clock, HashError, Ids, LoginThrottle, PasswordHasher, StoreError, Transactions, UnitOfWork},
    sessions::end_all,
};

/// Gives an account another password, for whoever holds a token whose code was confirmed. All of its sessions end, and no
/// other token works any more.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ResetPassword {
    pub transactions: Arc<dyn Transactions>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub throttle: Arc<dyn LoginThrottle>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// By what right to which password.
#[derive(Debug, Clone)]
pub struct ResetPasswordInput {
    /// The token, as it came.
    pub token: SecretString,
    /// The new password.
    pub new: Password,
    /// What the API surface asks of passwords.
    pub policy: PasswordPolicy,
}

/// Why the password is as it was.
#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    /// The token is unknown, has expired, was used, or its code was not confirmed; or the account can't be used. It is not
    /// said which.
    #[error("the token is not or no longer valid; confirm its code first, or ask for a new one")]
    Invalid,
    /// The policy refused the new password. The token still works.
    #[error("the password {0}")]
    Weak(PasswordViolation),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ResetPasswordError {
    Invalid => Invalid, "reset_token_invalid";
    Weak => Invalid, "validation_failed", "new_password";
    ..Hash, Store
});

impl ResetPassword {
    /// Replaces it. Whoever guessed wrong before is forgiven: the password was forgotten.
    pub async fn execute(
        &self,
        input: ResetPasswordInput,
        origin: &Origin,
    ) -> Result<(), ResetPasswordError> {
        let ResetPasswordInput { token, new, policy } = input;
        let mut work = self.transactions.begin().await?;
        let user = holder(&mut *work, &token, self.clock.now()).await?;
        // Nobody is to wait for a password's hash.
        drop(work);
        let names = user.parts();
        let names = PasswordContext { username: names.username.as_ref(), email: names.email.as_ref() };
        policy.check(&new, names).map_err(ResetPasswordError::Weak)?;
        let hash = self.hasher.hash(new).await?;

        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let user = holder(&mut *work, &token, now).await?.with_password(hash, now);
        let id = user.id();
        work.save_user(&user).await?;
        work.remove_challenges(id, Purpose::PasswordReset).await?;
        end_all(&mut *work, id, None, EndReason::Revoked, now).await?;
        let kind = AuditKind::PasswordReset;
        work.record(&audit_event(&*self.ids, now, kind, Some(id), Some(id), origin)).await?;
        work.commit().await?;
        self.throttle.forgive(&AccountKey::all_of(&user)).await;
        Ok(())
    }
}

/// The account that the token stands for, if it may still take it.
async fn holder(
    work: &mut dyn UnitOfWork,
    token: &SecretString,
    now: Timestamp,
) -> Result<User, ResetPasswordError> {
    let found = challenge_of(work, Purpose::PasswordReset, token).await?;
    let (token, challenge) = found.ok_or(ResetPasswordError::Invalid)?;
    let account = challenge.confirmed_account(&token, now).ok_or(ResetPasswordError::Invalid)?;
    let user = work.user(account).await?.filter(|user| challenge.may_be_taken_by(user));
    user.ok_or(ResetPasswordError::Invalid)
}
