//! The forms of a stored hash.
//!
//! - `$2b$12$…`: bcrypt of the password itself, if it has at most 71 bytes and no NUL.
//! - `$bcrypt-sha256$2b$12$…`: bcrypt of the base64 of its SHA-256, for all others.
//!
//! bcrypt reads at most 72 bytes, the terminating NUL among them, and repeats the password until they are full: it
//! ignores what is longer, and takes `ab` and `ab\0ab` for the same. Neither can happen to what is hashed here.

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use lectern_application::ports::{HashError, Verified};
use lectern_domain::account::{Password, PasswordHash};
use zeroize::Zeroizing;

/// The longest password that bcrypt reads with its terminating NUL.
const MAX_TERMINATED_BYTES: usize = 71;
/// The longest password that bcrypt reads at all, as other systems let it.
const MAX_READ_BYTES: usize = 72;
/// What marks a hash of a hash. A bcrypt string follows.
const DIGEST_TAG: &str = "$bcrypt-sha256";

/// The binary logarithm of bcrypt's rounds, in a range that neither is unsafe nor blocks a worker for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost(u32);

impl Cost {
    pub(super) const MIN: u32 = 4;
    /// 16 takes about four seconds. A stored hash that asks for more comes from no sane system.
    pub(super) const MAX: u32 = 16;

    pub(super) fn new(cost: u32) -> Option<Self> {
        (Self::MIN..=Self::MAX).contains(&cost).then_some(Self(cost))
    }
}

/// Why a stored hash can't be read. Nothing of it is part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum MalformedHash {
    #[error("it is of no known scheme")]
    Scheme,
    #[error("its cost is not from {} to {}", Cost::MIN, Cost::MAX)]
    Cost,
}

/// What of a password bcrypt was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    /// All of its bytes.
    Whole,
    /// The base64 of its SHA-256.
    Digest,
}

impl Input {
    /// What this password is hashed by.
    fn of(password: &Password) -> Self {
        if read_whole(password, MAX_TERMINATED_BYTES) { Self::Whole } else { Self::Digest }
    }

    fn bytes(self, password: &Password) -> Zeroizing<Vec<u8>> {
        let whole = password.expose().as_bytes();
        Zeroizing::new(match self {
            Self::Whole => whole.to_vec(),
            Self::Digest => STANDARD.encode(digest::digest(&digest::SHA256, whole)).into_bytes(),
        })
    }
}

fn read_whole(password: &Password, max: usize) -> bool {
    let bytes = password.expose().as_bytes();
    bytes.len() <= max && !bytes.contains(&0)
}

/// A hash that was found in the database, fit to be computed.
pub(super) struct Stored {
    input: Input,
    current_version: bool,
    cost: Cost,
    /// The bcrypt string, 60 characters.
    encoded: String,
}

impl Stored {
    /// Reads `$2a$`, `$2b$`, `$2y$` and the tagged form. The versions differ in bugs of other implementations only.
    pub(super) fn parse(hash: &PasswordHash) -> Result<Self, MalformedHash> {
        let (input, encoded) = match hash.as_str().strip_prefix(DIGEST_TAG) {
            Some(encoded) => (Input::Digest, encoded),
            None => (Input::Whole, hash.as_str()),
        };
        let version = encoded.get(..4).ok_or(MalformedHash::Scheme)?;
        if !matches!(version, "$2a$" | "$2b$" | "$2y$") {
            return Err(MalformedHash::Scheme);
        }
        let parts: bcrypt::HashParts = encoded.parse().map_err(|_| MalformedHash::Scheme)?;
        let cost = Cost::new(parts.get_cost()).ok_or(MalformedHash::Cost)?;
        Ok(Self { input, current_version: version == "$2b$", cost, encoded: encoded.to_owned() })
    }

    /// A hash that costs what a new one costs, and of which nobody knows the password: its salt and digest are all
    /// zeros.
    pub(super) fn decoy(cost: Cost) -> Self {
        let encoded = format!("$2b${:02}${}", cost.0, ".".repeat(53));
        Self { input: Input::Whole, current_version: true, cost, encoded }
    }

    /// Checks a password. Always does the work of one bcrypt of the stored cost, and compares in constant time. A
    /// password of which bcrypt would ignore something is wrong.
    pub(super) fn check(&self, password: &Password, cost: Cost) -> Result<Verified, HashError> {
        let every_byte_counts = self.input == Input::Digest || read_whole(password, MAX_READ_BYTES);
        let current = self.current_version && self.cost == cost && self.input == Input::of(password);
        let matches = bcrypt::verify(self.input.bytes(password).as_slice(), &self.encoded)
            .map_err(|source| HashError::Invalid { source: source.into() })?;
        Ok(match (matches && every_byte_counts, current) {
            (true, true) => Verified::Match,
            (true, false) => Verified::MatchOutdated,
            (false, _) => Verified::Mismatch,
        })
    }
}

/// Makes a hash with a fresh salt.
pub(super) fn hash(password: &Password, cost: Cost) -> Result<PasswordHash, HashError> {
    let input = Input::of(password);
    let tag = match input {
        Input::Whole => "",
        Input::Digest => DIGEST_TAG,
    };
    // The cost is in range and nothing is too long: only randomness for the salt can be wanting, and that passes.
    let encoded =
        bcrypt::non_truncating_hash(input.bytes(password).as_slice(), cost.0).map_err(|_| HashError::Busy)?;
    Ok(PasswordHash::new(format!("{tag}{encoded}")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lectern_application::ports::PasswordHasher;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::password::BcryptHasher;

    fn password() -> Password {
        Password::new("correct horse".to_owned()).unwrap()
    }

    #[test]
    fn the_decoy_is_a_hash_of_the_cost_that_new_ones_have() {
        for cost in (Cost::MIN..=Cost::MAX).map(Cost) {
            let decoy = PasswordHash::new(Stored::decoy(cost).encoded);
            assert_eq!(Stored::parse(&decoy).unwrap().cost, cost);
        }
    }

    #[test]
    fn no_password_is_that_of_the_decoy() {
        let cost = Cost(Cost::MIN);
        assert_eq!(Stored::decoy(cost).check(&password(), cost).unwrap(), Verified::Mismatch);
    }

    /// A cost that bcrypt itself refuses shows that it was asked, and for that cost.
    #[tokio::test]
    async fn verifying_nothing_is_work_for_bcrypt_at_the_cost_of_new_hashes() {
        let one = || Arc::new(Semaphore::new(1));
        for (cost, is_bearable) in [(Cost(Cost::MIN), true), (Cost(32), false)] {
            let hasher = BcryptHasher { cost, admission: one(), workers: one() };
            assert_eq!(hasher.verify_nothing(password()).await.is_ok(), is_bearable);
        }
    }
}
