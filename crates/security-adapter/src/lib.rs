//! What keeps accounts safe: password hashes, signed tokens, keys and secrets in files; and the sources of
//! surprise that the rest of Lectern takes through ports, the system's clock, fresh ids and random bytes.
//!
//! | item | port | by |
//! |---|---|---|
//! | [`BcryptHasher`] | `PasswordHasher` | bcrypt, and argon2 of other systems, on a bounded pool of blocking threads |
//! | [`KeyRing`] | `TokenSigner` | JWS with `EdDSA`, `ES256` or `HS256`, keys in a folder, replaced while it is used |
//! | [`RememberedTokens`] | `TokenSigner` | a key ring that verifies each token once |
//! | [`list_keys`], [`rotate_keys`] | | what the command line does to the folder of keys |
//! | [`SystemClock`] | `Clock` | the operating system |
//! | [`UuidV7Ids`] | `Ids` | UUIDv7 (RFC 9562) |
//! | [`SystemRandom`] | `Random` | aws-lc's generator |
//! | [`generate_password`] | | passwords for people, made up |
//! | [`secret_file`] | | shared secrets that are made on first start |
//!
//! Invariants: no secret is ever shown by `Debug`, part of an error, or stored where others can read it; a secret file
//! is either whole or not there.

mod key_ring;
mod made_up;
mod password;
mod private_file;
mod remembered_tokens;
pub mod secret_file;
mod system;

pub use key_ring::{
    JwtAlgorithm, KeyRing, KeyRingError, KeyRingSettings, KeyState, ListedKey, Rotated, Rotation, list_keys,
    rotate_keys,
};
pub use made_up::generate_password;
pub use password::{BcryptHasher, BcryptSettings, BcryptSettingsError};
pub use private_file::PrivateFileError;
pub use remembered_tokens::RememberedTokens;
pub use system::{SystemClock, SystemRandom, UuidV7Ids};

/// The operating system gave no random bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;
