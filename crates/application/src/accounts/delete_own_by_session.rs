//! Deleting one's own account without the password.

use std::sync::Arc;

use lectern_domain::{access::PermissionDenied, audit::AuditKind, session::EndReason};

use super::own::Own;
use crate::{
    Caller,
    error::use_case_error,
    ports::{Clock, Ids, StoreError, Transactions},
    sessions::end_all,
};

/// Deletes the caller's account softly. Its names are free at once, and all of its sessions end.
///
/// A stolen session is enough for this, so it takes one of a surface
/// [whose clients ask for no password](lectern_domain::surface::Surface::deletes_accounts_without_password); all others have
/// [`DeleteOwnAccount`](super::DeleteOwnAccount). Administrators are deleted by each other.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct DeleteOwnAccountBySession {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why the account is still there.
#[derive(Debug, thiserror::Error)]
pub enum DeleteOwnAccountBySessionError {
    /// The account is shared.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The session was opened through a surface that asks for the password.
    #[error("this session needs the account's password to delete it")]
    PasswordNeeded,
    /// It is an administrator's.
    #[error("administrators can't delete their own account")]
    Administrator,
    /// The account was blocked or deleted, or the session ended, since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(DeleteOwnAccountBySessionError {
    PasswordNeeded => Forbidden, "password_needed";
    Administrator => Forbidden, "administrator_stays";
    Revoked => Unauthenticated, "session_revoked";
    ..Denied, Store
});

impl DeleteOwnAccountBySession {
    /// Deletes it.
    pub async fn execute(&self, caller: &Caller) -> Result<(), DeleteOwnAccountBySessionError> {
        caller.principal.require_own_account()?;
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let own = Own::of(&mut *work, caller, now).await?.ok_or(DeleteOwnAccountBySessionError::Revoked)?;
        if !own.surface.deletes_accounts_without_password() {
            return Err(DeleteOwnAccountBySessionError::PasswordNeeded);
        }
        if own.principal.is_administrator() {
            return Err(DeleteOwnAccountBySessionError::Administrator);
        }
        let id = own.user.id();
        work.save_user(&own.user.delete(now)).await?;
        end_all(&mut *work, id, None, EndReason::Revoked, now).await?;
        work.record(&caller.event(&*self.ids, now, AuditKind::AccountDeleted, id)).await?;
        work.commit().await?;
        Ok(())
    }
}
