//! Hashes by bcrypt: the two forms that are made here, and those of other systems.
//!
//! bcrypt reads at most 72 bytes, the terminating NUL among them, and repeats the password until they are full: it
//! ignores what is longer, and takes `ab` and `ab\0ab` for the same. Neither can happen to what is hashed here.

use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::STANDARD};
use lectern_application::ports::{HashError, Verified};
use lectern_domain::account::{Password, PasswordHash};
use zeroize::Zeroizing;

use super::scheme::MalformedHash;

/// The longest password that bcrypt reads with its terminating NUL.
const MAX_TERMINATED_BYTES: usize = 71;
/// The longest password that bcrypt reads at all, as other systems let it.
const MAX_READ_BYTES: usize = 72;
/// What marks a hash of a hash. In our form a bcrypt string follows, which begins with `$`; in passlib's forms
/// parameters do, which don't.
const DIGEST_TAG: &str = "$bcrypt-sha256";
/// The version of bcrypt that new hashes have.
const CURRENT_VERSION: &str = "2b";
/// The lengths of salt and digest in a bcrypt string.
const SALT_CHARS: usize = 22;
const DIGEST_CHARS: usize = 31;

/// The binary logarithm of bcrypt's rounds, in a range that neither is unsafe nor blocks a worker for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost(pub(super) u32);

impl Cost {
    pub(super) const MIN: u32 = 4;
    /// 16 takes about four seconds. A stored hash that asks for more comes from no sane system.
    pub(super) const MAX: u32 = 16;

    pub(super) fn new(cost: u32) -> Option<Self> {
        (Self::MIN..=Self::MAX).contains(&cost).then_some(Self(cost))
    }
}

/// What of a password bcrypt was given.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Input {
    /// All of its bytes.
    Whole,
    /// The base64 of its SHA-256.
    Digest,
    /// The base64 of its HMAC-SHA-256. The key is the salt as it is written.
    KeyedDigest(String),
}

impl Input {
    /// What this password is hashed by.
    fn of(password: &Password) -> Self {
        if read_whole(password, MAX_TERMINATED_BYTES) { Self::Whole } else { Self::Digest }
    }

    fn bytes(&self, password: &Password) -> Zeroizing<Vec<u8>> {
        let whole = password.expose().as_bytes();
        Zeroizing::new(match self {
            Self::Whole => whole.to_vec(),
            Self::Digest => STANDARD.encode(digest::digest(&digest::SHA256, whole)).into_bytes(),
            Self::KeyedDigest(key) => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
                STANDARD.encode(hmac::sign(&key, whole)).into_bytes()
            }
        })
    }
}

fn read_whole(password: &Password, max: usize) -> bool {
    let bytes = password.expose().as_bytes();
    bytes.len() <= max && !bytes.contains(&0)
}

/// Whether the same would be made today, if cost and input are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Current,
    Foreign,
}

/// A hash that was found in the database, fit to be computed.
pub(super) struct BcryptHash {
    input: Input,
    form: Form,
    cost: Cost,
    /// The bcrypt string, 60 characters.
    encoded: String,
}

impl BcryptHash {
    /// Reads `$2a$`, `$2b$`, `$2y$`, which differ in bugs of other implementations only, our tagged form and passlib's.
    pub(super) fn parse(hash: &str) -> Result<Self, MalformedHash> {
        match hash.strip_prefix(DIGEST_TAG) {
            None => Self::of_bcrypt(Input::Whole, hash.to_owned()),
            Some(encoded) => match encoded.strip_prefix('$') {
                Some(foreign) if foreign.starts_with("v=") || foreign.get(2..3) == Some(",") => {
                    Self::of_passlib(foreign).ok_or(MalformedHash::Scheme)?
                }
                _ => Self::of_bcrypt(Input::Digest, encoded.to_owned()),
            },
        }
    }

    fn of_bcrypt(input: Input, encoded: String) -> Result<Self, MalformedHash> {
        let form = match encoded.get(..4) {
            Some("$2a$" | "$2y$") => Form::Foreign,
            Some("$2b$") => Form::Current,
            _ => return Err(MalformedHash::Scheme),
        };
        let parts: bcrypt::HashParts = encoded.parse().map_err(|_| MalformedHash::Scheme)?;
        let cost = Cost::new(parts.get_cost()).ok_or(MalformedHash::Cost)?;
        Ok(Self { input, form, cost, encoded })
    }

    /// Reads what follows `$bcrypt-sha256$` in the two forms of passlib (`passlib.hash.bcrypt_sha256`). `None` if it is
    /// neither.
    fn of_passlib(hash: &str) -> Option<Result<Self, MalformedHash>> {
        let [parameters, salt, digest] = hash.split('$').collect::<Vec<_>>().try_into().ok()?;
        if salt.len() != SALT_CHARS || digest.len() != DIGEST_CHARS {
            return None;
        }
        let (input, version, written) = match parameters.split(',').collect::<Vec<_>>()[..] {
            [version @ ("2a" | CURRENT_VERSION), cost] => (Input::Digest, version, cost),
            ["v=2", "t=2b", cost] => {
                (Input::KeyedDigest(salt.to_owned()), CURRENT_VERSION, cost.strip_prefix("r=")?)
            }
            _ => return None,
        };
        let cost: u32 = written.parse().ok().filter(|cost: &u32| cost.to_string() == written)?;
        let encoded = format!("${version}${cost:02}${salt}{digest}");
        Some(Self::of_bcrypt(input, encoded).map(|hash| Self { form: Form::Foreign, ..hash }))
    }

    /// A hash that costs what a new one costs, and of which nobody knows the password: its salt and digest are all
    /// zeros.
    pub(super) fn decoy(cost: Cost) -> Self {
        let zeros = ".".repeat(SALT_CHARS + DIGEST_CHARS);
        let encoded = format!("${CURRENT_VERSION}${:02}${zeros}", cost.0);
        Self { input: Input::Whole, form: Form::Current, cost, encoded }
    }

    /// Checks a password. Always does the work of one bcrypt of the stored cost, and compares in constant time. A
    /// password of which bcrypt would ignore something is wrong.
    pub(super) fn check(&self, password: &Password, cost: Cost) -> Result<Verified, HashError> {
        let every_byte_counts = self.input != Input::Whole || read_whole(password, MAX_READ_BYTES);
        let current = self.form == Form::Current && self.cost == cost && self.input == Input::of(password);
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
    let tag = if input == Input::Whole { "" } else { DIGEST_TAG };
    // The cost is in range and nothing is too long: only randomness for the salt can be wanting, and that passes.
    let encoded =
        bcrypt::non_truncating_hash(input.bytes(password).as_slice(), cost.0).map_err(|_| HashError::Busy)?;
    Ok(PasswordHash::new(format!("{tag}{encoded}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoy_is_a_hash_of_the_cost_that_new_ones_have() {
        for cost in (Cost::MIN..=Cost::MAX).map(Cost) {
            let decoy = BcryptHash::decoy(cost).encoded;
            assert_eq!(BcryptHash::parse(&decoy).unwrap().cost, cost);
        }
    }

    #[test]
    fn no_password_is_that_of_the_decoy() {
        let cost = Cost(Cost::MIN);
        let password = Password::new("correct horse".to_owned()).unwrap();
        assert_eq!(BcryptHash::decoy(cost).check(&password, cost).unwrap(), Verified::Mismatch);
    }
}
