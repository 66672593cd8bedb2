//! Challenges: showing that one reads the mail of an address.
//!
//! Whoever asks gets a *token* at once, and the address gets a *code* by mail. Both together show that they are the same
//! person: a forgotten password can be replaced, or an address is known to be the account's.
//!
//! Stored are digests alone, the code's made of token and code together. The token isn't stored, so nobody who reads the
//! database can find the code by trying a million.
//!
//! A challenge allows so many wrong codes, and an address so many challenges at a time: that bounds the guesses. Each
//! challenge counts for itself, so that nobody ends another's; and only some of an address's may come from one network,
//! so that one attacker can't take them all.

mod attempt;
mod secret;

pub use attempt::{Attempt, Challenge, ChallengeParts, ChallengeRules, ChallengeState, Purpose};
pub use secret::{AddressDigest, ChallengeId, ChallengeToken, Code, CodeDigest, CodeError};
