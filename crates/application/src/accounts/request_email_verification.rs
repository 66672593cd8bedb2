//! Asking for a code to one's own address.

use std::sync::Arc;

use lectern_domain::{
    access::PermissionDenied,
    account::Standing,
    challenge::{ChallengeRules, ChallengeToken, Purpose},
    throttling::Network,
};

use crate::{
    Caller,
    auth::challenges::{Draw, Issue, Wish, issue},
    error::use_case_error,
    ports::{Clock, EventBus, Ids, NoRandomBytes, Random, StoreError, Transactions},
};

/// Mails a code to the caller's address. With it and the token, whoever reads that mail can show that the address is the
/// account's.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct RequestEmailVerification {
    pub transactions: Arc<dyn Transactions>,
    pub events: Arc<dyn EventBus>,
    pub random: Arc<dyn Random>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub rules: ChallengeRules,
}

/// Why no code was mailed.
#[derive(Debug, thiserror::Error)]
pub enum RequestEmailVerificationError {
    /// The account has no address.
    #[error("this account has no e-mail address")]
    NoAddress,
    /// It has nothing to show.
    #[error("the e-mail address is verified already")]
    Verified,
    /// Enough codes are on their way.
    #[error("too many codes were mailed; use the latest, or try again in a few minutes")]
    TooMany,
    /// The account was blocked or deleted since the request was let in.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// The account is not the caller's alone.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// No token could be made.
    #[error(transparent)]
    Random(#[from] NoRandomBytes),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(RequestEmailVerificationError {
    NoAddress => Conflict, "email_missing";
    Verified => Conflict, "email_already_verified";
    TooMany => TooMany, "too_many_mails";
    Revoked => Unauthenticated, "session_revoked";
    ..Denied, Random, Store
});

impl RequestEmailVerification {
    /// Makes the token, and mails its code.
    pub async fn execute(&self, caller: &Caller) -> Result<ChallengeToken, RequestEmailVerificationError> {
        caller.principal.require_own_account()?;
        let draw = Draw::new(&*self.random)?;
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let user = work.user(caller.principal.user).await?;
        let user = user.filter(|user| user.standing() == Standing::Active);
        let user = user.ok_or(RequestEmailVerificationError::Revoked)?;
        let address = user.parts().email.as_ref().ok_or(RequestEmailVerificationError::NoAddress)?;
        if user.parts().email_verified_at.is_some() {
            return Err(RequestEmailVerificationError::Verified);
        }
        let network = Network::of(caller.origin.ip);
        let wish = Wish { purpose: Purpose::EmailVerification, address, holder: Some(&user), network };
        match issue(&mut *work, &*self.ids, wish, &draw, now, self.rules).await? {
            Issue::TooMany => return Err(RequestEmailVerificationError::TooMany),
            Issue::Made => work.commit().await?,
        }
        self.events.announce_mail();
        Ok(draw.token)
    }
}
