//! Reading an access token.

use std::sync::Arc;

use lectern_domain::time::Timestamp;

use super::{Authenticate, AuthenticateError};
use crate::{error::use_case_error, ports::AccountSnapshot};

/// Tells whoever has an access token what it stands for (as in RFC 7662, but for its holder alone). It has to pass the
/// check that every request passes, and what is told is how things are now, not when the token was made.
#[derive(Clone)]
pub struct Introspect {
    /// The check.
    pub authenticate: Authenticate,
}

/// What a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Introspection {
    /// Whose it is, with what they may do now.
    pub account: Arc<AccountSnapshot>,
    /// Until when this very token is good, in whole seconds.
    pub expires_at: Timestamp,
}

/// Why nothing is told.
#[derive(Debug, thiserror::Error)]
pub enum IntrospectError {
    /// The token doesn't count.
    #[error(transparent)]
    Token(#[from] AuthenticateError),
}

use_case_error!(IntrospectError { ..Token });

impl Introspect {
    /// Reads it.
    pub async fn execute(&self, token: &str) -> Result<Introspection, IntrospectError> {
        let (claims, view) = self.authenticate.check(token).await?;
        Ok(Introspection { account: Arc::clone(&view.account), expires_at: claims.expires_at })
    }
}
