//! The pair of tokens that a client gets.

use std::{sync::Arc, time::Duration};

use lectern_domain::{
    session::{Session, SessionId},
    surface::Surface,
    time::Timestamp,
};
use secrecy::SecretString;

use crate::ports::{AccessClaims, AccountView, Ids, RefreshClaims, SignError, TokenSigner};

/// What a client gets when it signs in or refreshes.
#[derive(Debug, Clone)]
pub struct IssuedTokens {
    /// For requests, as `Authorization: Bearer`.
    pub access_token: SecretString,
    /// For getting the next pair.
    pub refresh_token: SecretString,
    /// How long the access token is good for.
    pub expires_in: Duration,
    /// How long the refresh token is good for.
    pub refresh_expires_in: Duration,
    /// The session that both belong to.
    pub session: SessionId,
    /// The API surface that opened it.
    pub opened_by: Surface,
}

/// Makes tokens out of sessions.
#[derive(Clone)]
pub struct TokenIssuer {
    /// Signs them.
    pub signer: Arc<dyn TokenSigner>,
    /// Names access tokens.
    pub ids: Arc<dyn Ids>,
    /// The `iss` claim: the server's public URL.
    pub issuer: String,
}

impl TokenIssuer {
    /// The tokens of the session's current generation. The refresh token follows from the session alone, so the same
    /// session always gives the same one; access tokens are new each time.
    pub(crate) fn issue(
        &self,
        session: &Session,
        account: &AccountView,
        now: Timestamp,
    ) -> Result<IssuedTokens, SignError> {
        let parts = session.parts();
        let user = account.user.parts();
        let access_lifetime = parts.opened_by.access_lifetime();
        let access = AccessClaims {
            issuer: self.issuer.clone(),
            subject: user.id,
            session: parts.id,
            epoch: user.epoch,
            role: user.role.clone(),
            permissions: account.rights().named(),
            issued_at: now,
            expires_at: now.plus(access_lifetime),
            id: self.ids.next(),
        };
        let refresh = RefreshClaims {
            issuer: self.issuer.clone(),
            session: parts.id,
            generation: parts.generation,
            issued_at: parts.rotated_at,
            expires_at: parts.expires_at,
        };
        Ok(IssuedTokens {
            access_token: self.signer.sign_access(&access)?.into(),
            refresh_token: self.signer.sign_refresh(&refresh)?.into(),
            expires_in: access_lifetime,
            refresh_expires_in: parts.expires_at.since(now),
            session: parts.id,
            opened_by: parts.opened_by,
        })
    }
}
