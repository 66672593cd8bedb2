//! Changing one's own names.

use std::sync::Arc;

use lectern_domain::{
    access::PermissionDenied,
    account::{FirstName, LastName},
};

use crate::{
    Caller,
    auth::with_role,
    error::use_case_error,
    ports::{AccountView, Clock, StoreError, Transactions},
};

/// Gives the caller's account other names of its holder. Needs no permission: they are the caller's own.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct RenameOwnAccount {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
}

/// What to do with a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave it as it is.
    #[default]
    Keep,
    /// Make it this, or take it away.
    To(Option<T>),
}

/// Why the names are as they were.
#[derive(Debug, thiserror::Error)]
pub enum RenameOwnAccountError {
    /// The account was removed since the request was let in.
    #[error("the account does not exist any more")]
    Gone,
    /// The account is not the caller's alone.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(RenameOwnAccountError {
    Gone => NotFound, "not_found";
    ..Denied, Store
});

impl<T> Change<T> {
    pub(super) fn or(self, current: Option<T>) -> Option<T> {
        match self {
            Self::Keep => current,
            Self::To(value) => value,
        }
    }
}

impl RenameOwnAccount {
    /// Changes them.
    pub async fn execute(
        &self,
        caller: &Caller,
        first: Change<FirstName>,
        last: Change<LastName>,
    ) -> Result<AccountView, RenameOwnAccountError> {
        caller.principal.require_own_account()?;
        let mut work = self.transactions.begin().await?;
        let user = work.user(caller.principal.user).await?.ok_or(RenameOwnAccountError::Gone)?;
        let (first, last) =
            (first.or(user.parts().first_name.clone()), last.or(user.parts().last_name.clone()));
        let user = user.with_names(first, last, self.clock.now());
        work.save_user(&user).await?;
        let account = with_role(&mut *work, user).await?;
        work.commit().await?;
        Ok(account)
    }
}
