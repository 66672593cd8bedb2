//! Deleting one's own account.

use std::sync::Arc;

use lectern_domain::{access::PermissionDenied, audit::AuditKind, session::EndReason, throttling::TooSoon};
use secrecy::SecretString;

use super::administration::is_last_admin;
use crate::{
    Caller,
    auth::own_password::{is_own_password, still_own},
    error::use_case_error,
    ports::{Clock, HashError, Ids, LoginThrottle, PasswordHasher, Queries, StoreError, Transactions},
    sessions::end_all,
};

/// Deletes the caller's account softly, for whoever also knows its password. Its names are free at once, and all of its
/// sessions end.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct DeleteOwnAccount {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub hasher: Arc<dyn PasswordHasher>,
    pub throttle: Arc<dyn LoginThrottle>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why the account is still there.
#[derive(Debug, thiserror::Error)]
pub enum DeleteOwnAccountError {
    /// The password is another.
    #[error("the password is wrong")]
    WrongPassword,
    /// Nobody else could let anybody in again.
    #[error("this is the last administrator; make another one first")]
    LastAdmin,
    /// The account was blocked, deleted or given another password since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// The account is not the caller's alone.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// There were too many failures from there at this account's password, so it was not checked.
    #[error(transparent)]
    TooSoon(#[from] TooSoon),
    /// The password could not be checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(DeleteOwnAccountError {
    WrongPassword => Forbidden, "wrong_password", "password";
    LastAdmin => Conflict, "last_admin";
    Revoked => Unauthenticated, "session_revoked";
    ..Denied, TooSoon, Hash, Store
});

impl DeleteOwnAccount {
    /// Deletes it.
    pub async fn execute(
        &self,
        caller: &Caller,
        password: SecretString,
    ) -> Result<(), DeleteOwnAccountError> {
        caller.principal.require_own_account()?;
        let id = caller.principal.user;
        let account = self.queries.account(id).await?.ok_or(DeleteOwnAccountError::Revoked)?;
        let (throttle, hasher) = (&*self.throttle, &*self.hasher);
        if !is_own_password::<DeleteOwnAccountError>(throttle, hasher, caller, &account.user, password)
            .await?
        {
            return Err(DeleteOwnAccountError::WrongPassword);
        }

        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let user = still_own(&mut *work, caller, &account.user, now).await?;
        let user = user.ok_or(DeleteOwnAccountError::Revoked)?;
        if is_last_admin(&mut *work, &user).await? {
            return Err(DeleteOwnAccountError::LastAdmin);
        }
        work.save_user(&user.delete(now)).await?;
        end_all(&mut *work, id, None, EndReason::Revoked, now).await?;
        work.record(&caller.event(&*self.ids, now, AuditKind::AccountDeleted, id)).await?;
        work.commit().await?;
        Ok(())
    }
}
