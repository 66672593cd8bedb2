//! Showing the code from the mail.

use std::sync::Arc;

use lectern_domain::challenge::{Code, Purpose};
use secrecy::SecretString;

use super::challenges::{Presented, present};
use crate::{
    error::use_case_error,
    ports::{Clock, StoreError, Transactions},
};

/// Makes a token work for whoever also knows the code that was mailed.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct ConfirmReset {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
}

/// Why the token doesn't work.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmResetError {
    /// The code is wrong. Another one may be right.
    #[error("the code is wrong or no longer valid; check it, or ask for a new one")]
    Wrong,
    /// No code helps any more: the token is unknown, has expired or had too many wrong codes. It is not said which, nor to
    /// clients of API v1 that it is not the code alone.
    #[error("the code is wrong or no longer valid; check it, or ask for a new one")]
    Over,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

use_case_error!(ConfirmResetError {
    Wrong => Invalid, "reset_code_invalid";
    Over => Invalid, "reset_code_invalid";
    ..Store
});

impl ConfirmReset {
    /// Presents the code. A wrong one counts, however many come at once.
    pub async fn execute(&self, token: &SecretString, code: &Code) -> Result<(), ConfirmResetError> {
        let mut work = self.transactions.begin().await?;
        let now = self.clock.now();
        let presented = present(&mut *work, Purpose::PasswordReset, token, code, now).await?;
        work.commit().await?;
        match presented {
            Presented::Right(_) => Ok(()),
            Presented::Wrong => Err(ConfirmResetError::Wrong),
            Presented::Refused => Err(ConfirmResetError::Over),
        }
    }
}
