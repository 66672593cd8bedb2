//! What a token looks like in JSON. Members that are missing, twice, unknown or of another type are refused.

use lectern_application::ports::{AccessClaims, Claims, RefreshClaims};
use lectern_domain::{
    access::{Permission, PermissionSet, RoleName},
    account::{AccountEpoch, UserId},
    session::{Generation, SessionId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::key::JwtAlgorithm;

const TYPE: &str = "JWT";

/// The header (RFC 7515, section 4.1). Unknown members are refused, so `crit` is (section 4.1.11), and so is every
/// member that brings a key along.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenHeader {
    alg: String,
    typ: String,
    kid: String,
}

impl TokenHeader {
    pub(super) fn of(kid: String, algorithm: JwtAlgorithm) -> Self {
        Self { alg: algorithm.as_str().to_owned(), typ: TYPE.to_owned(), kid }
    }

    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    /// Whether it is the header of a token signed by this algorithm.
    pub(super) fn fits(&self, algorithm: JwtAlgorithm) -> bool {
        self.alg == algorithm.as_str() && self.typ.eq_ignore_ascii_case(TYPE)
    }
}

/// The claims; times are in whole seconds since 1970-01-01T00:00:00Z (RFC 7519, section 2).
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum TokenClaims {
    Access {
        iss: String,
        sub: String,
        sid: String,
        epoch: i64,
        role: String,
        permissions: Vec<String>,
        iat: i64,
        exp: i64,
        jti: String,
    },
    Refresh {
        iss: String,
        sid: String,
        r#gen: u32,
        iat: i64,
        exp: i64,
    },
}

impl From<&AccessClaims> for TokenClaims {
    fn from(claims: &AccessClaims) -> Self {
        Self::Access {
            iss: claims.issuer.clone(),
            sub: claims.subject.0.to_string(),
            sid: claims.session.0.to_string(),
            epoch: claims.epoch.0,
            role: claims.role.as_str().to_owned(),
            permissions: claims.permissions.iter().map(|permission| permission.as_str().to_owned()).collect(),
            iat: claims.issued_at.as_unix_seconds(),
            exp: claims.expires_at.as_unix_seconds(),
            jti: claims.id.to_string(),
        }
    }
}

impl From<&RefreshClaims> for TokenClaims {
    fn from(claims: &RefreshClaims) -> Self {
        Self::Refresh {
            iss: claims.issuer.clone(),
            sid: claims.session.0.to_string(),
            r#gen: claims.generation.0,
            iat: claims.issued_at.as_unix_seconds(),
            exp: claims.expires_at.as_unix_seconds(),
        }
    }
}

/// A claim has the right type in JSON, but a value that stands for nothing.
pub(super) struct MeaninglessClaim;

impl TryFrom<TokenClaims> for Claims {
    type Error = MeaninglessClaim;

    fn try_from(claims: TokenClaims) -> Result<Self, MeaninglessClaim> {
        Ok(match claims {
            TokenClaims::Access { iss, sub, sid, epoch, role, permissions, iat, exp, jti } => {
                Self::Access(AccessClaims {
                    issuer: iss,
                    subject: UserId(uuid(&sub)?),
                    session: SessionId(uuid(&sid)?),
                    epoch: AccountEpoch(epoch),
                    role: RoleName::parse(&role).map_err(|_| MeaninglessClaim)?,
                    permissions: permission_set(&permissions)?,
                    issued_at: timestamp(iat)?,
                    expires_at: timestamp(exp)?,
                    id: uuid(&jti)?,
                })
            }
            TokenClaims::Refresh { iss, sid, r#gen, iat, exp } => Self::Refresh(RefreshClaims {
                issuer: iss,
                session: SessionId(uuid(&sid)?),
                generation: Generation(r#gen),
                issued_at: timestamp(iat)?,
                expires_at: timestamp(exp)?,
            }),
        })
    }
}

fn uuid(text: &str) -> Result<Uuid, MeaninglessClaim> {
    Uuid::try_parse(text).map_err(|_| MeaninglessClaim)
}

fn permission_set(names: &[String]) -> Result<PermissionSet, MeaninglessClaim> {
    names.iter().map(|name| Permission::parse(name)).collect::<Result<_, _>>().map_err(|_| MeaninglessClaim)
}

fn timestamp(seconds: i64) -> Result<Timestamp, MeaninglessClaim> {
    seconds.checked_mul(1_000_000).map(Timestamp::from_micros).ok_or(MeaninglessClaim)
}
