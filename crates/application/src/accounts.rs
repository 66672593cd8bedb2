//! Accounts and their owners.

mod ensure_admin;
mod read_own;

pub use ensure_admin::{AdminOutcome, EnsureAdmin, EnsureAdminInput};
pub use read_own::{ReadOwnAccount, ReadOwnAccountError};
