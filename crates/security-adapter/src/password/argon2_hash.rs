//! Hashes by argon2 (RFC 9106), made by other systems: PHC strings.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::phc::{self, Output, Salt},
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use lectern_application::ports::{HashError, Verified};
use lectern_domain::account::Password;
use zeroize::Zeroizing;

use super::scheme::MalformedHash;

/// What all of them begin with.
pub(super) const PREFIX: &str = "$argon2";
/// The most memory, in KiB: what libsodium calls moderate. Only one such hash is computed at a time.
pub(super) const MAX_KIB: u32 = 256 * 1024;
/// The most lanes. They are computed one after the other here, so they cost no more than one.
pub(super) const MAX_LANES: u32 = 16;
/// The most passes over the memory.
pub(super) const MAX_PASSES: u32 = 64;
/// The most that may be written in all passes together, in KiB: one to two seconds of work, as with bcrypt of cost 15.
pub(super) const MAX_KIB_OF_ALL_PASSES: u32 = 1024 * 1024;

/// A hash that was found in the database, fit to be computed.
pub(super) struct Argon2Hash {
    argon2: Argon2<'static>,
    salt: Salt,
    digest: Output,
}

impl Argon2Hash {
    /// Reads `$argon2id$v=19$m=65536,t=3,p=4$salt$digest`. The salt has 8 to 48 bytes, the digest 10 to 64; without a
    /// version it is the one before the RFC's. A hash that needs a key, or says what was hashed besides, is refused.
    pub(super) fn parse(hash: &str) -> Result<Self, MalformedHash> {
        let hash: phc::PasswordHash = hash.parse().map_err(|_| MalformedHash::Scheme)?;
        let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| MalformedHash::Scheme)?;
        let version = match hash.version {
            Some(version) => Version::try_from(version).map_err(|_| MalformedHash::Scheme)?,
            None => Version::V0x10,
        };
        let (Some(salt), Some(digest)) = (hash.salt, hash.hash) else { return Err(MalformedHash::Scheme) };
        if !hash.params.iter().map(|(name, _)| name.to_string()).eq(["m", "t", "p"]) {
            return Err(MalformedHash::Scheme);
        }
        let number = |name| hash.params.get_decimal(name).ok_or(MalformedHash::Scheme);
        let (kib, passes, lanes) = (number("m")?, number("t")?, number("p")?);
        if kib > MAX_KIB
            || passes > MAX_PASSES
            || lanes > MAX_LANES
            || kib.saturating_mul(passes) > MAX_KIB_OF_ALL_PASSES
        {
            return Err(MalformedHash::Demands);
        }
        let params =
            Params::new(kib, passes, lanes, Some(digest.len())).map_err(|_| MalformedHash::Scheme)?;
        Ok(Self { argon2: Argon2::new(algorithm, version, params), salt, digest })
    }

    /// Checks a password, in constant time as to the digest. One that matches is outdated: new hashes are bcrypt's.
    pub(super) fn check(&self, password: &Password) -> Result<Verified, HashError> {
        let mut computed = Zeroizing::new(vec![0; self.digest.len()]);
        let hashed =
            self.argon2.hash_password_into(password.expose().as_bytes(), self.salt.as_ref(), &mut computed);
        match hashed {
            Ok(()) => {}
            Err(argon2::Error::OutOfMemory) => return Err(HashError::Busy),
            Err(source) => return Err(HashError::Invalid { source: source.into() }),
        }
        Ok(match verify_slices_are_equal(&computed, self.digest.as_ref()) {
            Ok(()) => Verified::MatchOutdated,
            Err(_) => Verified::Mismatch,
        })
    }
}
