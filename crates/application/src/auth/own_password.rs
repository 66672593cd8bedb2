//! Asking somebody who is signed in for their password once more, before what can't be undone.

use lectern_domain::{
    account::{Password, Standing, User},
    time::Timestamp,
};
use secrecy::SecretString;

use crate::{
    Caller,
    ports::{HashError, PasswordHasher, StoreError, UnitOfWork, Verified},
};

/// Whether `password` is the account's.
pub(crate) async fn is_own_password(
    hasher: &dyn PasswordHasher,
    user: &User,
    password: SecretString,
) -> Result<bool, HashError> {
    // A password too long for any policy is no account's.
    let Ok(password) = Password::new(password) else { return Ok(false) };
    let hash = user.parts().password_hash.clone();
    Ok(hasher.verify(password, hash).await? != Verified::Mismatch)
}

/// The caller's account inside a unit, if it is active, still has the password that was `checked`, and the session is
/// live: all of that may have changed while the password was hashed.
pub(crate) async fn still_own(
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    checked: &User,
    now: Timestamp,
) -> Result<Option<User>, StoreError> {
    let session = work.session(caller.principal.session).await?;
    if !session.is_some_and(|session| session.is_live(now)) {
        return Ok(None);
    }
    let user = work.user(checked.id()).await?;
    Ok(user.filter(|user| {
        user.parts().password_hash == checked.parts().password_hash && user.standing() == Standing::Active
    }))
}
