//! Accounts and their owners.

mod delete_own;
mod ensure_admin;
mod read_own;
mod rename_own;

pub use delete_own::{DeleteOwnAccount, DeleteOwnAccountError};
pub use ensure_admin::{AdminOutcome, EnsureAdmin, EnsureAdminInput};
pub use read_own::{ReadOwnAccount, ReadOwnAccountError};
pub use rename_own::{Change, RenameOwnAccount};
