//! Asking for a way back in without the password.

use std::sync::Arc;

use lectern_domain::{
    account::{EmailAddress, Login, Standing, User},
    audit::{AuditKind, Origin},
    challenge::{ChallengeRules, ChallengeToken, Purpose},
    throttling::Network,
};

use super::challenges::{Draw, Issue, Wish, issue};
use crate::{
    caller::audit_event,
    error::use_case_error,
    ports::{Clock, EventBus, Ids, NoRandomBytes, Random, StoreError, Transactions},
};

/// Gives whoever asks a token, and mails the code that makes it work to the address, if an active account has it.
///
/// Neither the answer, nor the work done for it, nor what its token does later tells whether there is such an account
/// (OWASP Forgot Password Cheat Sheet): for nobody there are a challenge that no code opens and a mail to nobody.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct ForgotPassword {
    pub transactions: Arc<dyn Transactions>,
    pub events: Arc<dyn EventBus>,
    pub random: Arc<dyn Random>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub rules: ChallengeRules,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum ForgotPasswordError {
    /// None could be made.
    #[error(transparent)]
    Random(#[from] NoRandomBytes),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ForgotPasswordError { ..Random, Store });

impl ForgotPassword {
    /// Makes a token. If the address has too many already, it is one that never works.
    pub async fn execute(
        &self,
        address: &EmailAddress,
        origin: &Origin,
    ) -> Result<ChallengeToken, ForgotPasswordError> {
        let draw = Draw::new(&*self.random)?;
        let now = self.clock.now();
        let mut work = self.transactions.begin().await?;
        let holder = work.user_by_login(&Login::Email(address.clone())).await?;
        let holder = holder.filter(|user| user.standing() == Standing::Active);
        let network = Network::of(origin.ip);
        let wish = Wish { purpose: Purpose::PasswordReset, address, holder: holder.as_ref(), network };
        if issue(&mut *work, &*self.ids, wish, &draw, now, self.rules).await? == Issue::Made {
            let subject = holder.as_ref().map(User::id);
            let kind = AuditKind::PasswordResetRequested;
            work.record(&audit_event(&*self.ids, now, kind, None, subject, origin)).await?;
            work.commit().await?;
            self.events.announce_mail();
        }
        Ok(draw.token)
    }
}
