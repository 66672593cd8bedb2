//! Passwords and tokens.

use async_trait::async_trait;
use lectern_domain::{
    access::{PermissionSet, RoleName},
    account::{AccountEpoch, Password, PasswordHash, UserId},
    session::{Generation, SessionId},
    time::Timestamp,
};
use uuid::Uuid;

use super::Source;

/// Whether a password was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verified {
    /// It was, and the hash is as it should be.
    Match,
    /// It was, but the hash is not what would be made today: make a new one.
    MatchOutdated,
    /// It was not.
    Mismatch,
}

/// Why no hash was made or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many are waiting already.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash can't be read.
    #[error("the stored password hash is invalid")]
    Invalid {
        /// What was met.
        #[source]
        source: Source,
    },
}

/// Hashes passwords, off the event loop and only so many at a time.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Hashes a password. Every byte of it MUST count, whatever its length.
    async fn hash(&self, password: Password) -> Result<PasswordHash, HashError>;

    /// Checks a password against a hash. Whoever finds that the hash can't be read has not done any work yet.
    async fn verify(&self, password: Password, hash: PasswordHash) -> Result<Verified, HashError>;

    /// Does the work of a [`verify`](PasswordHasher::verify) that fails, for accounts that don't exist.
    async fn verify_nothing(&self, password: Password) -> Result<(), HashError>;
}

/// What an access token says (RFC 7519).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessClaims {
    /// `iss`: the server's public URL.
    pub issuer: String,
    /// `sub`.
    pub subject: UserId,
    /// `sid`.
    pub session: SessionId,
    /// `epoch`.
    pub epoch: AccountEpoch,
    /// `role`, for clients to read; the server looks it up.
    pub role: RoleName,
    /// `permissions`, for clients to read; the server looks them up.
    pub permissions: PermissionSet,
    /// `iat`, in whole seconds.
    pub issued_at: Timestamp,
    /// `exp`, in whole seconds.
    pub expires_at: Timestamp,
    /// `jti`.
    pub id: Uuid,
}

/// What a refresh token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshClaims {
    /// `iss`: the server's public URL.
    pub issuer: String,
    /// `sid`.
    pub session: SessionId,
    /// `gen`.
    pub generation: Generation,
    /// `iat`, in whole seconds.
    pub issued_at: Timestamp,
    /// `exp`, in whole seconds.
    pub expires_at: Timestamp,
}

/// What a token with a valid signature says, by its `type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claims {
    /// `access`.
    Access(AccessClaims),
    /// `refresh`.
    Refresh(RefreshClaims),
}

/// The token is none of ours: malformed, unknown key, wrong algorithm or wrong signature. It is not said which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token is invalid")]
pub struct TokenRejected;

/// The token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SignError {
    /// What was met.
    #[source]
    pub source: Source,
}

/// Signs tokens and checks signatures (JWS, RFC 7515). It doesn't look at the time: the use cases do.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait TokenSigner: Send + Sync {
    /// Signs an access token.
    fn sign_access(&self, claims: &AccessClaims) -> Result<String, SignError>;

    /// Signs a refresh token. The same claims MUST always give the same token.
    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<String, SignError>;

    /// Checks a token's signature with the key that its `kid` names and with that key's own algorithm, whatever the
    /// token says. Expired tokens MUST pass. Any other claim or header that is missing, twice or of a wrong type, and
    /// any token beyond 8 KiB, MUST be refused.
    fn verify(&self, token: &str) -> Result<Claims, TokenRejected>;

    /// The public keys as a JWK set (RFC 7517) in JSON, without any secret; empty if all keys are symmetric.
    fn public_keys(&self) -> String;
}
