//! Showing that an address is the account's.

use std::sync::Arc;

use lectern_domain::{
    audit::{AuditKind, Origin},
    challenge::{Challenge, Code, Purpose},
    time::Timestamp,
};
use secrecy::SecretString;

use crate::{
    auth::challenges::{Presented, present},
    caller::audit_event,
    error::use_case_error,
    ports::{Clock, Ids, StoreError, Transactions, UnitOfWork},
};

/// Notes that an account's address is its holder's, for whoever has both the token and the code that was mailed. No
/// session is needed: mail is often read on another device.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ConfirmEmailVerification {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// Why nothing was shown.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmEmailVerificationError {
    /// The code is wrong, or the token is unknown, has expired or had too many wrong codes; or the account has another
    /// address now. It is not said which.
    #[error("the code is wrong or no longer valid; check it, or ask for a new one")]
    Invalid,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ConfirmEmailVerificationError {
    Invalid => Invalid, "verification_code_invalid";
    ..Store
});

impl ConfirmEmailVerification {
    /// Presents the code. A wrong one counts, however many come at once; the right one may come again.
    pub async fn execute(
        &self,
        token: &SecretString,
        code: &Code,
        origin: &Origin,
    ) -> Result<(), ConfirmEmailVerificationError> {
        let mut work = self.transactions.begin().await?;
        let now = self.clock.now();
        let presented = present(&mut *work, Purpose::EmailVerification, token, code, now).await?;
        let verified = match presented {
            Presented::Right(challenge) => self.verify(&mut *work, &challenge, now, origin).await?,
            Presented::Wrong | Presented::Refused => None,
        };
        work.commit().await?;
        verified.ok_or(ConfirmEmailVerificationError::Invalid)
    }

    /// Notes it; `None` if the account can't take the challenge any more.
    async fn verify(
        &self,
        work: &mut dyn UnitOfWork,
        challenge: &Challenge,
        now: Timestamp,
        origin: &Origin,
    ) -> Result<Option<()>, StoreError> {
        let Some(account) = challenge.parts().account else { return Ok(None) };
        let user = work.user(account).await?.filter(|user| challenge.may_be_taken_by(user));
        let Some(user) = user else { return Ok(None) };
        let known = user.parts().email_verified_at;
        let Some(user) = user.with_verified_email(&challenge.parts().address, now) else { return Ok(None) };
        if known.is_none() {
            work.save_user(&user).await?;
            let kind = AuditKind::EmailVerified;
            let id = Some(account);
            work.record(&audit_event(&*self.ids, now, kind, id, id, origin)).await?;
        }
        Ok(Some(()))
    }
}
