//! Accounts: what their owners do with them, and what others do, as far as they may.

mod administration;
mod block;
mod create;
mod delete;
mod delete_own;
mod end_sessions;
mod ensure_admin;
mod list;
mod read;
mod read_own;
mod rename_own;
mod restore;
mod set_permissions;
mod set_role;
mod unblock;
mod update;

pub use administration::AdministerError;
pub(crate) use administration::acting;
pub use block::BlockAccount;
pub use create::{CreateAccount, CreateAccountError, CreateAccountInput};
pub use delete::DeleteAccount;
pub use delete_own::{DeleteOwnAccount, DeleteOwnAccountError};
pub use end_sessions::EndSessionsOf;
pub use ensure_admin::{AdminOutcome, EnsureAdmin, EnsureAdminInput};
pub use list::ListAccounts;
pub use read::{ReadAccount, ReadAccountError};
pub use read_own::{ReadOwnAccount, ReadOwnAccountError};
pub use rename_own::{Change, RenameOwnAccount};
pub use restore::RestoreAccount;
pub use set_permissions::SetPermissions;
pub use set_role::SetRole;
pub use unblock::UnblockAccount;
pub use update::{UpdateAccount, UpdateAccountInput};
