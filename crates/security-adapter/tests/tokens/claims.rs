//! Claims to sign.

use std::time::Duration;

use lectern_application::ports::{AccessClaims, RefreshClaims};
use lectern_domain::{
    access::{Permission, RoleName},
    account::{AccountEpoch, UserId},
    session::{Generation, SessionId},
    time::Timestamp,
};
use uuid::Uuid;

use crate::rings::TOKEN_LIFETIME;

/// Expired since 1970: the signer MUST NOT mind.
const EXPIRED: Timestamp = Timestamp::from_micros(900_000_000);

pub(crate) fn access() -> AccessClaims {
    AccessClaims {
        issuer: "https://lectern.example".to_owned(),
        subject: UserId(Uuid::from_u128(1)),
        session: SessionId(Uuid::from_u128(2)),
        epoch: AccountEpoch(7),
        role: RoleName::USER,
        permissions: [Permission::TRANSCRIPTIONS_READ, Permission::AUDIT_VIEW].into_iter().collect(),
        issued_at: Timestamp::from_micros(0),
        expires_at: EXPIRED,
        id: Uuid::from_u128(3),
    }
}

/// An access token's, issued at that time and good for 15 minutes.
pub(crate) fn access_at(issued_at: Timestamp) -> AccessClaims {
    AccessClaims { issued_at, expires_at: issued_at.plus(Duration::from_mins(15)), ..access() }
}

/// A refresh token's, issued at that time and good for as long as one can be.
pub(crate) fn refresh_at(issued_at: Timestamp) -> RefreshClaims {
    RefreshClaims { issued_at, expires_at: issued_at.plus(TOKEN_LIFETIME), ..refresh() }
}

pub(crate) fn refresh() -> RefreshClaims {
    RefreshClaims {
        issuer: "https://lectern.example".to_owned(),
        session: SessionId(Uuid::from_u128(2)),
        generation: Generation(4),
        issued_at: Timestamp::from_micros(0),
        expires_at: EXPIRED,
    }
}
