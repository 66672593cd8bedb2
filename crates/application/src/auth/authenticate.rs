//! The check that every request passes.

use std::{sync::Arc, time::Duration};

use lectern_domain::{access::Principal, account::Standing, session::Session};
use tokio::time::timeout;

use super::LEEWAY;
use crate::{
    error::use_case_error,
    ports::{AccessClaims, Claims, Clock, Queries, SessionView, StoreError, TokenSigner, Transactions},
};

/// The longest that a request waits for its session's last use to be noted.
const PATIENCE: Duration = Duration::from_millis(200);

/// Turns an access token into a principal: signature, issuer, expiry, type, and the live session behind it.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct Authenticate {
    pub transactions: Arc<dyn Transactions>,
    pub queries: Arc<dyn Queries>,
    pub signer: Arc<dyn TokenSigner>,
    pub clock: Arc<dyn Clock>,
    /// The `iss` claim that is expected.
    pub issuer: String,
}

/// Why the token doesn't count.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// It is no access token of this server.
    #[error("the access token is invalid")]
    Invalid,
    /// It is a refresh token.
    #[error("this is a refresh token; send the access token")]
    RefreshToken,
    /// It has expired.
    #[error("the access token has expired; refresh it")]
    Expired,
    /// The account's rights have changed since it was made.
    #[error("the account's rights have changed; refresh the access token")]
    Stale,
    /// Its session was ended, or the account can't be used any more.
    #[error("the session was ended; sign in again")]
    Revoked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(AuthenticateError {
    Invalid => Unauthenticated, "token_invalid";
    RefreshToken => Unauthenticated, "token_invalid";
    Expired => Unauthenticated, "token_expired";
    Stale => Unauthenticated, "token_stale";
    Revoked => Unauthenticated, "session_revoked";
    ..Store
});

impl Authenticate {
    /// Checks an access token.
    pub async fn execute(&self, token: &str) -> Result<Principal, AuthenticateError> {
        let (_, view) = self.check(token).await?;
        Ok(view.account.principal(view.session.id()))
    }

    /// Checks it, and answers what it says and what is known of its session.
    pub(super) async fn check(
        &self,
        token: &str,
    ) -> Result<(AccessClaims, Arc<SessionView>), AuthenticateError> {
        let claims = match self.signer.verify(token) {
            Ok(Claims::Access(claims)) => claims,
            Ok(Claims::Refresh(_)) => return Err(AuthenticateError::RefreshToken),
            Err(_) => return Err(AuthenticateError::Invalid),
        };
        let now = self.clock.now();
        if claims.issuer != self.issuer || claims.issued_at > now.plus(LEEWAY) {
            return Err(AuthenticateError::Invalid);
        }
        if now >= claims.expires_at.plus(LEEWAY) {
            return Err(AuthenticateError::Expired);
        }
        let view = self.queries.session(claims.session).await?.ok_or(AuthenticateError::Revoked)?;
        let user = view.account.user.parts();
        if user.id != claims.subject {
            return Err(AuthenticateError::Invalid);
        }
        if !view.session.is_live(now) || user.standing != Standing::Active {
            return Err(AuthenticateError::Revoked);
        }
        if user.epoch != claims.epoch {
            return Err(AuthenticateError::Stale);
        }
        if let Some(seen) = view.session.clone().seen(now) {
            self.note(seen).await;
        }
        Ok((claims, view))
    }

    /// Notes the last use. The request neither fails for it nor waits long, and if a refresh was faster, that was the
    /// last use.
    async fn note(&self, seen: Session) {
        let saved = timeout(PATIENCE, async {
            let mut work = self.transactions.begin().await?;
            let live = |current: &Session| current.parts().ended.is_none();
            if work.session(seen.id()).await?.as_ref().is_some_and(live) {
                work.save_session(&seen, seen.generation()).await?;
                work.commit().await?;
            }
            Ok::<_, StoreError>(())
        });
        match saved.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "could not note the last use of a session"),
            Err(_) => tracing::debug!("too busy to note the last use of a session"),
        }
    }
}
