//! Balances and their ledgers.

mod adjust;
mod adjust_own;
mod change;
mod list_own;
mod read_own;

pub use adjust::{AdjustBalance, AdjustBalanceError, AdjustBalanceInput};
pub use adjust_own::{AdjustOwnBalance, AdjustOwnBalanceError, AdjustOwnBalanceInput};
pub use list_own::ListOwnLedger;
pub use read_own::ReadOwnBalance;
