//! Finding the account that somebody names.

use std::sync::Arc;

use lectern_domain::{
    access::{Permission, PermissionDenied},
    account::{Login, UserId, UserNumber},
};
use uuid::Uuid;

use crate::{
    Actor,
    error::use_case_error,
    ports::{AccountView, Queries, StoreError},
};

/// Finds an account by what people call it: its user name, its e-mail address, its UUID or its number. Deleted ones are
/// found by their UUID and their number: their names may be others' by now. Needs `users.view`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct FindAccount {
    pub queries: Arc<dyn Queries>,
}

/// Why none was found.
#[derive(Debug, thiserror::Error)]
pub enum FindAccountError {
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// It is what one account is called, and what another one has for a number or an id.
    #[error("this is the user name of one account, and the number or the UUID of another")]
    Ambiguous,
    /// Whoever asks may not.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(FindAccountError {
    NotFound => NotFound, "account_not_found";
    Ambiguous => Invalid, "account_ambiguous";
    ..Denied, Store
});

impl FindAccount {
    /// The account that is called so. `#7` is always the number seven; a mere `7` may be a user name, too.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        called: &str,
    ) -> Result<AccountView, FindAccountError> {
        by.into().require(&Permission::USERS_VIEW)?;
        let called = called.trim();
        let named = match Login::parse(called) {
            Some(login) => self.queries.account_by_login(&login).await?,
            None => None,
        };
        let identified = match (Uuid::parse_str(called), number(called)) {
            (Ok(id), _) => self.queries.account(UserId(id)).await?,
            (Err(_), Some(number)) => self.queries.account_by_number(number).await?,
            (Err(_), None) => None,
        };
        match (named, identified) {
            (Some(one), Some(other)) if one.user.id() != other.user.id() => Err(FindAccountError::Ambiguous),
            (Some(account), _) | (None, Some(account)) => Ok(account),
            (None, None) => Err(FindAccountError::NotFound),
        }
    }
}

fn number(text: &str) -> Option<UserNumber> {
    text.strip_prefix('#').unwrap_or(text).parse().ok().map(UserNumber)
}
