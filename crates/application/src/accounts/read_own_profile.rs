//! Reading one's own profile once it is complete.

use std::sync::Arc;

use super::{ReadOwnAccount, ReadOwnAccountError};
use crate::{Caller, error::use_case_error, ports::AccountSnapshot};

/// Answers the caller's account if its holder has said both of their names. Needs no permission: it is the caller's own.
#[derive(Clone)]
#[expect(missing_docs, reason = "the field is described at its type")]
pub struct ReadOwnProfile {
    pub read_own_account: ReadOwnAccount,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadOwnProfileError {
    /// The given name or the family name is not known.
    #[error("the profile is incomplete; say your first and last name first")]
    Incomplete,
    /// The account can't be read.
    #[error(transparent)]
    Account(#[from] ReadOwnAccountError),
}

use_case_error!(ReadOwnProfileError {
    Incomplete => Forbidden, "profile_incomplete";
    ..Account
});

impl ReadOwnProfile {
    /// Reads it.
    pub async fn execute(&self, caller: &Caller) -> Result<Arc<AccountSnapshot>, ReadOwnProfileError> {
        let account = self.read_own_account.execute(caller).await?;
        let names = account.user.parts();
        if names.first_name.is_none() || names.last_name.is_none() {
            return Err(ReadOwnProfileError::Incomplete);
        }
        Ok(account)
    }
}
