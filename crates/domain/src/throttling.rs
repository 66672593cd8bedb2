//! How fast passwords may be guessed, and how often a network may ask.
//!
//! *Throttling* counts failed tries for each network and account name, and makes whoever guesses wait: it never locks an
//! account, because another network isn't affected ([`Tries`]). Where a surface has a [`FailureQuota`], failures of a
//! network count together too, whoever it tried to be. *Limiting* counts requests of a network, whatever they are about
//! ([`Quota`]).

mod account_key;
mod failures;
mod network;
mod quota;
mod tries;

pub use account_key::AccountKey;
pub use failures::{CountedTries, FailureQuota};
pub use network::Network;
pub use quota::{Quota, QuotaState, Verdict};
pub use tries::{FailureCount, Guess, GuessOutcome, TooSoon, Tries};
