//! What strangers' guesses at passwords have in common: a wrong one tells nothing about the account, not even whether
//! there is one.

use lectern_domain::{
    account::{Password, User, UserId},
    audit::{AuditKind, Origin},
};

use crate::{
    caller::audit_event,
    ports::{Clock, HashError, Ids, PasswordHasher, StoreError, Transactions, Verified},
};

/// Checks the password. Nobody's password is right where the hash can't be read; only the log tells why, as an answer of
/// its own would tell whoever asks that the account exists.
pub(super) async fn verify(
    hasher: &dyn PasswordHasher,
    password: &Password,
    user: &User,
) -> Result<Verified, HashError> {
    let known = user.parts().password_hash.clone();
    match hasher.verify(password.clone(), known).await {
        Err(HashError::Invalid { source }) => {
            tracing::error!(
                user = %user.id().0,
                error = %source,
                "an account's password hash can't be read, so nobody can sign in to it; reset its password"
            );
            hasher.verify_nothing(password.clone()).await?;
            Ok(Verified::Mismatch)
        }
        verified => verified,
    }
}

/// Writes a failed guess into the audit log.
pub(super) async fn record_failure(
    transactions: &dyn Transactions,
    clock: &dyn Clock,
    ids: &dyn Ids,
    subject: Option<UserId>,
    origin: &Origin,
) -> Result<(), StoreError> {
    let event = audit_event(ids, clock.now(), AuditKind::LoginFailed, None, subject, origin);
    let mut work = transactions.begin().await?;
    work.record(&event).await?;
    work.commit().await
}
