//! Making sure that one is an administrator.

use std::sync::Arc;

use lectern_domain::access::{PermissionDenied, RolePermissions};

use super::{ReadOwnAccount, ReadOwnAccountError};
use crate::{Caller, error::use_case_error, ports::AccountSnapshot};

/// Answers the caller's account if it may do everything there is.
#[derive(Clone)]
#[expect(missing_docs, reason = "the field is described at its type")]
pub struct ReadOwnAdministrator {
    pub read_own_account: ReadOwnAccount,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ReadOwnAdministratorError {
    /// The caller is no administrator.
    #[error(transparent)]
    Denied(#[from] PermissionDenied),
    /// The account can't be read.
    #[error(transparent)]
    Account(#[from] ReadOwnAccountError),
}

use_case_error!(ReadOwnAdministratorError {
    ..Denied, Account
});

impl ReadOwnAdministrator {
    /// Reads it.
    pub async fn execute(&self, caller: &Caller) -> Result<Arc<AccountSnapshot>, ReadOwnAdministratorError> {
        caller.principal.may_grant(&RolePermissions::All)?;
        Ok(self.read_own_account.execute(caller).await?)
    }
}
