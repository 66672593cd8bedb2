//! Accounts and their owners.

mod confirm_email_verification;
mod delete_own;
mod ensure_admin;
mod read_own;
mod rename_own;
mod request_email_verification;

pub use confirm_email_verification::{ConfirmEmailVerification, ConfirmEmailVerificationError};
pub use delete_own::{DeleteOwnAccount, DeleteOwnAccountError};
pub use ensure_admin::{AdminOutcome, EnsureAdmin, EnsureAdminInput};
pub use read_own::{ReadOwnAccount, ReadOwnAccountError};
pub use rename_own::{Change, RenameOwnAccount};
pub use request_email_verification::{RequestEmailVerification, RequestEmailVerificationError};
