//! Changing one's own names.

use std::sync::Arc;

use lectern_domain::account::{FirstName, LastName};

use super::ReadOwnAccountError;
use crate::{
    Caller,
    auth::with_role,
    ports::{AccountView, Clock, Transactions},
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
    ) -> Result<AccountView, ReadOwnAccountError> {
        let mut work = self.transactions.begin().await?;
        let user = work.user(caller.principal.user).await?.ok_or(ReadOwnAccountError::Gone)?;
        let (first, last) =
            (first.or(user.parts().first_name.clone()), last.or(user.parts().last_name.clone()));
        let user = user.with_names(first, last, self.clock.now());
        work.save_user(&user).await?;
        let account = with_role(&mut *work, user).await?;
        work.commit().await?;
        Ok(account)
    }
}
