//! A signer whose tokens people can read.

use std::fmt::Display;

use lectern_application::ports::{
    AccessClaims, Claims, RefreshClaims, SignError, TokenRejected, TokenSigner,
};
use lectern_domain::{
    access::{Permission, RoleName},
    account::{AccountEpoch, UserId},
    session::{Generation, SessionId},
    time::Timestamp,
    transcription::Sha256,
};
use sha2::Digest;
use uuid::Uuid;

/// Tokens longer than this are refused.
const MAX_BYTES: usize = 8 * 1024;

/// Writes the claims one after the other, with a checksum over them and the key in place of a signature:
///
/// ```text
/// access~{sub}~{sid}~{epoch}~{role}~{permission}+{permission}~{iat}~{exp}~{jti}~{iss}~{checksum}
/// refresh~{sid}~{gen}~{iat}~{exp}~{iss}~{checksum}
/// ```
///
/// No protection from anybody who can read this, and all that a test needs.
#[derive(Debug)]
pub struct PlainSigner {
    key: &'static str,
}

impl Default for PlainSigner {
    fn default() -> Self {
        Self::with_key("key")
    }
}

impl PlainSigner {
    /// A signer that refuses the tokens of other keys.
    pub const fn with_key(key: &'static str) -> Self {
        Self { key }
    }

    fn sign(&self, claims: &str) -> String {
        format!("{claims}~{}", self.checksum(claims))
    }

    fn checksum(&self, claims: &str) -> String {
        Sha256(sha2::Sha256::digest(format!("{}~{claims}", self.key)).into()).to_string()
    }
}

fn joined(claims: &[&dyn Display]) -> String {
    claims.iter().map(ToString::to_string).collect::<Vec<_>>().join("~")
}

fn seconds(text: &str) -> Option<Timestamp> {
    text.parse::<i64>().ok()?.checked_mul(1_000_000).map(Timestamp::from_micros)
}

fn permissions(text: &str) -> Option<Vec<Permission>> {
    text.split('+').filter(|name| !name.is_empty()).map(|name| Permission::parse(name).ok()).collect()
}

fn parse(claims: &str) -> Option<Claims> {
    // The issuer comes last, whatever it consists of.
    match claims.split_once('~')? {
        ("access", rest) => {
            let claims: Vec<&str> = rest.splitn(9, '~').collect();
            let [subject, session, epoch, role, granted, issued_at, expires_at, id, issuer] = claims[..]
            else {
                return None;
            };
            Some(Claims::Access(AccessClaims {
                issuer: issuer.to_owned(),
                subject: UserId(Uuid::try_parse(subject).ok()?),
                session: SessionId(Uuid::try_parse(session).ok()?),
                epoch: AccountEpoch(epoch.parse().ok()?),
                role: RoleName::parse(role).ok()?,
                permissions: permissions(granted)?.into_iter().collect(),
                issued_at: seconds(issued_at)?,
                expires_at: seconds(expires_at)?,
                id: Uuid::try_parse(id).ok()?,
            }))
        }
        ("refresh", rest) => {
            let claims: Vec<&str> = rest.splitn(5, '~').collect();
            let [session, generation, issued_at, expires_at, issuer] = claims[..] else { return None };
            Some(Claims::Refresh(RefreshClaims {
                issuer: issuer.to_owned(),
                session: SessionId(Uuid::try_parse(session).ok()?),
                generation: Generation(generation.parse().ok()?),
                issued_at: seconds(issued_at)?,
                expires_at: seconds(expires_at)?,
            }))
        }
        _ => None,
    }
}

impl TokenSigner for PlainSigner {
    fn sign_access(&self, claims: &AccessClaims) -> Result<String, SignError> {
        let permissions: Vec<&str> = claims.permissions.iter().map(Permission::as_str).collect();
        Ok(self.sign(&joined(&[
            &"access",
            &claims.subject.0,
            &claims.session.0,
            &claims.epoch.0,
            &claims.role,
            &permissions.join("+"),
            &claims.issued_at.as_unix_seconds(),
            &claims.expires_at.as_unix_seconds(),
            &claims.id,
            &claims.issuer,
        ])))
    }

    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<String, SignError> {
        Ok(self.sign(&joined(&[
            &"refresh",
            &claims.session.0,
            &claims.generation.0,
            &claims.issued_at.as_unix_seconds(),
            &claims.expires_at.as_unix_seconds(),
            &claims.issuer,
        ])))
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenRejected> {
        if token.len() > MAX_BYTES {
            return Err(TokenRejected);
        }
        let (claims, checksum) = token.rsplit_once('~').ok_or(TokenRejected)?;
        if checksum != self.checksum(claims) {
            return Err(TokenRejected);
        }
        parse(claims).ok_or(TokenRejected)
    }

    fn public_keys(&self) -> String {
        r#"{"keys":[]}"#.to_owned()
    }
}
