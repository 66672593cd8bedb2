//! How fast passwords may be guessed, and how often a network may ask.
//!
//! Two rules. *Throttling* counts failed tries for each network and account name, and makes whoever guesses wait: it
//! never locks an account, because another network isn't affected ([`Tries`]). *Limiting* counts requests of a network,
//! whatever they are about ([`Quota`]).

mod account_key;
mod network;
mod quota;
mod tries;

pub use account_key::AccountKey;
pub use network::Network;
pub use quota::{Quota, QuotaState, Verdict};
pub use tries::{FailureCount, Guess, GuessOutcome, TooSoon, Tries};
