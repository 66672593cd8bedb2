//! Claims to sign.

use lectern_application::ports::{AccessClaims, RefreshClaims};
use lectern_domain::{
    access::{Permission, RoleName},
    account::{AccountEpoch, UserId},
    session::{Generation, SessionId},
    time::Timestamp,
};
use uuid::Uuid;

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

pub(crate) fn refresh() -> RefreshClaims {
    RefreshClaims {
        issuer: "https://lectern.example".to_owned(),
        session: SessionId(Uuid::from_u128(2)),
        generation: Generation(4),
        issued_at: Timestamp::from_micros(0),
        expires_at: EXPIRED,
    }
}
