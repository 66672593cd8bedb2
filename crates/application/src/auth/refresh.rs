//! Getting the next pair of tokens.

use std::{sync::Arc, time::Duration};

use lectern_domain::{
    account::Standing,
    audit::{AuditKind, Origin},
    session::{Presentation, Session},
    time::Timestamp,
};

use super::{IssuedTokens, LEEWAY, TokenIssuer, with_role};
use crate::{
    caller::audit_event,
    error::use_case_error,
    metrics::catalogue::{REFRESHES, REPEATED, ROTATED},
    ports::{
        AccountView, Claims, Clock, Ids, RefreshClaims, SaveOutcome, SignError, StoreError, Transactions,
        UnitOfWork,
    },
};

/// Exchanges a refresh token for the next pair. What is right under races is decided by
/// [`Session::present`](lectern_domain::session::Session::present) and the store's compare-and-swap.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports and rules, described at their types")]
pub struct Refresh {
    pub transactions: Arc<dyn Transactions>,
    pub tokens: TokenIssuer,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// How long the parent of the current generation is accepted again.
    pub grace: Duration,
}

/// Why there are no new tokens. All of them mean: sign in again.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// It is no refresh token of this server.
    #[error("the refresh token is invalid")]
    Invalid,
    /// It is an access token.
    #[error("this is an access token; send the refresh token")]
    AccessToken,
    /// It, or its session, has expired.
    #[error("the refresh token has expired; sign in again")]
    Expired,
    /// It was used before: somebody has a copy. Its session is over.
    #[error("this refresh token was used before, so its session was ended; sign in again")]
    Reused,
    /// Its session was ended.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// No tokens could be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(RefreshError {
    Invalid => Unauthenticated, "token_invalid";
    AccessToken => Unauthenticated, "token_invalid";
    Expired => Unauthenticated, "token_expired";
    Reused => Unauthenticated, "refresh_reused";
    Revoked => Unauthenticated, "session_revoked";
    ..Sign, Store
});

impl Refresh {
    /// Presents a refresh token.
    pub async fn execute(&self, token: &str, origin: &Origin) -> Result<IssuedTokens, RefreshError> {
        let refreshed = self.refresh(token, origin).await;
        match &refreshed {
            Ok((outcome, _)) => REFRESHES.count([outcome]),
            Err(error) => REFRESHES.count_failure(error),
        }
        refreshed.map(|(_, tokens)| tokens)
    }

    /// The tokens, and how they came about.
    async fn refresh(
        &self,
        token: &str,
        origin: &Origin,
    ) -> Result<(&'static str, IssuedTokens), RefreshError> {
        let claims = match self.tokens.signer.verify(token) {
            Ok(Claims::Refresh(claims)) => claims,
            Ok(Claims::Access(_)) => return Err(RefreshError::AccessToken),
            Err(_) => return Err(RefreshError::Invalid),
        };
        if claims.issuer != self.tokens.issuer {
            return Err(RefreshError::Invalid);
        }
        let now = self.clock.now();
        if now >= claims.expires_at.plus(LEEWAY) {
            return Err(RefreshError::Expired);
        }
        // A lost swap means that somebody else's was saved, so each round some request gets on.
        loop {
            if let Some(refreshed) = self.present(&claims, now, origin).await? {
                return Ok(refreshed);
            }
        }
    }

    /// One try: `None` if another request was faster.
    async fn present(
        &self,
        claims: &RefreshClaims,
        now: Timestamp,
        origin: &Origin,
    ) -> Result<Option<(&'static str, IssuedTokens)>, RefreshError> {
        let mut work = self.transactions.begin().await?;
        let session = work.session(claims.session).await?.ok_or(RefreshError::Revoked)?;
        let account = active_account(&mut *work, &session).await?.ok_or(RefreshError::Revoked)?;
        let stored = session.generation();
        let rules = session.parts().opened_by.refresh_rules(self.grace);
        let (outcome, session) = match session.present(claims.generation, now, rules) {
            Presentation::Repeated(session) => (REPEATED, session),
            Presentation::Rotated(session) => {
                if work.save_session(&session, stored).await? == SaveOutcome::Stale {
                    return Ok(None);
                }
                work.commit().await?;
                (ROTATED, session)
            }
            Presentation::Reused(session) => {
                if work.save_session(&session, stored).await? == SaveOutcome::Stale {
                    return Ok(None);
                }
                let kind = AuditKind::RefreshReused(session.id());
                let subject = Some(session.parts().user);
                work.record(&audit_event(&*self.ids, now, kind, None, subject, origin)).await?;
                work.commit().await?;
                return Err(RefreshError::Reused);
            }
            Presentation::Ended(_) => return Err(RefreshError::Revoked),
            Presentation::Expired => return Err(RefreshError::Expired),
            Presentation::Unknown => return Err(RefreshError::Invalid),
        };
        Ok(Some((outcome, self.tokens.issue(&session, &account, now)?)))
    }
}

async fn active_account(
    work: &mut dyn UnitOfWork,
    session: &Session,
) -> Result<Option<AccountView>, StoreError> {
    let user = work.user(session.parts().user).await?;
    match user.filter(|user| user.standing() == Standing::Active) {
        Some(user) => with_role(work, user).await.map(Some),
        None => Ok(None),
    }
}
