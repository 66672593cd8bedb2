//! Finding out which surface a token is of.

use std::sync::Arc;

use lectern_domain::surface::Surface;

use crate::ports::{Claims, Queries, StoreError, TokenSigner};

/// Tells which surface opened the session that a token was made for. It lets nobody in: that is for whoever takes the
/// token.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct FindSurface {
    pub queries: Arc<dyn Queries>,
    pub signer: Arc<dyn TokenSigner>,
}

impl FindSurface {
    /// The surface; `None` for a text that is no token of this server, or one of a session that is not known any more.
    pub async fn execute(&self, token: &str) -> Result<Option<Surface>, StoreError> {
        let session = match self.signer.verify(token) {
            Ok(Claims::Access(claims)) => claims.session,
            Ok(Claims::Refresh(claims)) => claims.session,
            Err(_) => return Ok(None),
        };
        Ok(self.queries.session(session).await?.map(|view| view.session.parts().opened_by))
    }
}
