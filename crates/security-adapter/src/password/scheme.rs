//! The forms of a stored hash.
//!
//! | form | what | |
//! |---|---|---|
//! | `$2b$12$…` | bcrypt of the password itself, if it has at most 71 bytes and no NUL | made here |
//! | `$bcrypt-sha256$2b$12$…` | bcrypt of the base64 of its SHA-256 | made here, of all others |
//! | `$2a$…`, `$2y$…` | bcrypt of other systems | read |
//! | `$bcrypt-sha256$2b,12$salt$digest`, `$bcrypt-sha256$v=2,t=2b,r=12$salt$digest` | `bcrypt_sha256` of passlib | read |
//! | `$argon2id$v=19$m=…,t=…,p=…$salt$digest`, and `argon2i`, `argon2d` | argon2 (RFC 9106) | read |
//!
//! What is only read is answered as outdated, so that the next login replaces it. Until then, a wrong password costs
//! what that hash costs, not what a new one would: who measures can tell an imported account from one that does not
//! exist.
//!
//! A stored hash may come from a hostile import: each form has limits to the work and the memory that it can ask for.

use lectern_application::ports::{HashError, Verified};
use lectern_domain::account::{Password, PasswordHash};

use super::{
    argon2_hash::{self, Argon2Hash},
    bcrypt_hash::{BcryptHash, Cost},
};

/// Why a stored hash can't be read. Nothing of it is part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum MalformedHash {
    #[error("it is of no known scheme")]
    Scheme,
    #[error("its cost is not from {} to {}", Cost::MIN, Cost::MAX)]
    Cost,
    #[error(
        "it asks for more than {} KiB of memory, {} lanes, {} passes or {} KiB over all passes",
        argon2_hash::MAX_KIB,
        argon2_hash::MAX_LANES,
        argon2_hash::MAX_PASSES,
        argon2_hash::MAX_KIB_OF_ALL_PASSES
    )]
    Demands,
}

/// A hash that was found in the database, fit to be computed.
pub(super) enum Stored {
    Bcrypt(BcryptHash),
    Argon2(Argon2Hash),
}

impl Stored {
    /// Reads any of the forms.
    pub(super) fn parse(hash: &PasswordHash) -> Result<Self, MalformedHash> {
        let hash = hash.as_str();
        if hash.starts_with(argon2_hash::PREFIX) {
            Argon2Hash::parse(hash).map(Self::Argon2)
        } else {
            BcryptHash::parse(hash).map(Self::Bcrypt)
        }
    }

    /// Checks a password; `cost` is that of new hashes.
    pub(super) fn check(&self, password: &Password, cost: Cost) -> Result<Verified, HashError> {
        match self {
            Self::Bcrypt(hash) => hash.check(password, cost),
            Self::Argon2(hash) => hash.check(password),
        }
    }
}
