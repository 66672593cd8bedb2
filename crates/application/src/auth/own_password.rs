//! Asking somebody who is signed in for their password once more, before what can't be undone.

use lectern_domain::{
    account::{Password, Standing, User},
    throttling::{AccountKey, FailureCount, Guess, GuessOutcome, Network, TooSoon},
    time::Timestamp,
};
use secrecy::SecretString;

use crate::{
    Caller,
    ports::{HashError, LoginThrottle, PasswordHasher, StoreError, UnitOfWork, Verified},
};

/// Whether `password` is the account's. Throttled, so that a stolen session is no way to guess it.
pub(crate) async fn is_own_password<E>(
    throttle: &dyn LoginThrottle,
    hasher: &dyn PasswordHasher,
    caller: &Caller,
    user: &User,
    password: SecretString,
) -> Result<bool, E>
where
    E: From<TooSoon> + From<HashError>,
{
    let account = AccountKey::of_account(user.id());
    let guess = Guess { network: Network::of(caller.origin.ip), account };
    throttle.admit(guess, FailureCount::FREE).await?;
    let verified = match Password::new(password) {
        Ok(password) => hasher.verify(password, user.parts().password_hash.clone()).await,
        // A password too long for any policy is no account's.
        Err(_too_long) => Ok(Verified::Mismatch),
    };
    let outcome = match verified {
        Ok(Verified::Match | Verified::MatchOutdated) => GuessOutcome::Right,
        Ok(Verified::Mismatch) => GuessOutcome::Wrong,
        Err(_) => GuessOutcome::Unknown,
    };
    throttle.settle(guess, outcome).await;
    Ok(verified? != Verified::Mismatch)
}

/// The caller's account inside a unit, if it is active, still has the password that was `checked`, and the session is
/// live: all of that may have changed while the password was hashed.
pub(crate) async fn still_own(
    work: &mut dyn UnitOfWork,
    caller: &Caller,
    checked: &User,
    now: Timestamp,
) -> Result<Option<User>, StoreError> {
    let user = work.user(checked.id()).await?;
    let session = work.session(caller.principal.session).await?;
    if !session.is_some_and(|session| session.is_live(now)) {
        return Ok(None);
    }
    Ok(user.filter(|user| {
        user.parts().password_hash == checked.parts().password_hash && user.standing() == Standing::Active
    }))
}
