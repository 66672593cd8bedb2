//! The contract of [`TokenSigner`]: what was signed is what is read, and nothing else is.
#![expect(clippy::unused_async, reason = "one macro stamps all contracts, and most have to wait")]

use std::{any::Any, sync::Arc};

use lectern_application::ports::{AccessClaims, Claims, RefreshClaims, TokenSigner};
use lectern_domain::{
    access::{Permission, PermissionSet, RoleName},
    account::{AccountEpoch, UserId},
    session::{Generation, SessionId},
    time::Timestamp,
};

use crate::build::{at, fresh_id};

/// Two signers that share no key.
pub struct SignerFixture {
    /// The signer.
    pub signer: Arc<dyn TokenSigner>,
    /// Another one, whose tokens are foreign to it.
    pub foreign: Arc<dyn TokenSigner>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// The longest token that may be accepted, in bytes.
const MAX_BYTES: usize = 8 * 1024;

fn access() -> AccessClaims {
    AccessClaims {
        issuer: "https://lectern.example.org".to_owned(),
        subject: UserId(fresh_id()),
        session: SessionId(fresh_id()),
        epoch: AccountEpoch(7),
        role: RoleName::METHODIST,
        permissions: PermissionSet::from_iter([Permission::AUDIT_VIEW, Permission::USERS_VIEW]),
        issued_at: at(0),
        expires_at: at(900),
        id: fresh_id(),
    }
}

fn refresh() -> RefreshClaims {
    RefreshClaims {
        issuer: "https://lectern.example.org".to_owned(),
        session: SessionId(fresh_id()),
        generation: Generation(3),
        issued_at: at(0),
        expires_at: at(86_400),
    }
}

/// Access claims come back as they were signed, at their limits too.
pub async fn access_claims_come_back(fixture: &SignerFixture) {
    let sparest = AccessClaims {
        issuer: "http://[::1]:8080/ä?~.\"".to_owned(),
        epoch: AccountEpoch(i64::MAX),
        permissions: PermissionSet::default(),
        ..access()
    };
    for claims in [access(), sparest] {
        let token = fixture.signer.sign_access(&claims).unwrap();
        assert_eq!(fixture.signer.verify(&token), Ok(Claims::Access(claims)));
    }
}

/// Refresh claims come back as they were signed, at their limits too.
pub async fn refresh_claims_come_back(fixture: &SignerFixture) {
    let furthest = RefreshClaims { generation: Generation(u32::MAX), ..refresh() };
    for claims in [refresh(), furthest] {
        let token = fixture.signer.sign_refresh(&claims).unwrap();
        assert_eq!(fixture.signer.verify(&token), Ok(Claims::Refresh(claims)));
    }
}

/// A token tells its times in whole seconds, rounded down.
pub async fn times_come_back_in_whole_seconds(fixture: &SignerFixture) {
    let micros = |time: Timestamp| Timestamp::from_micros(time.as_micros() + 999_999);
    let claims = refresh();
    let precise = RefreshClaims {
        issued_at: micros(claims.issued_at),
        expires_at: micros(claims.expires_at),
        ..claims.clone()
    };
    let token = fixture.signer.sign_refresh(&precise).unwrap();
    assert_eq!(fixture.signer.verify(&token), Ok(Claims::Refresh(claims)));
}

/// The same refresh claims MUST always give the same token: a lost answer is repeated by signing again.
pub async fn the_same_refresh_claims_give_the_same_token(fixture: &SignerFixture) {
    let claims = refresh();
    let first = fixture.signer.sign_refresh(&claims).unwrap();
    assert_eq!(fixture.signer.sign_refresh(&claims).unwrap(), first);
}

/// Another generation is another token.
pub async fn other_refresh_claims_give_another_token(fixture: &SignerFixture) {
    let claims = refresh();
    let next = RefreshClaims { generation: Generation(4), ..claims.clone() };
    let token = fixture.signer.sign_refresh(&claims).unwrap();
    assert_ne!(fixture.signer.sign_refresh(&next).unwrap(), token);
}

/// Expired tokens MUST pass, and tokens of the future too: the use cases look at the time.
pub async fn the_time_is_not_looked_at(fixture: &SignerFixture) {
    let times = [(0, 1), (253_402_300_000, 253_402_300_799)];
    for (issued_at, expires_at) in times.map(|(from, to)| (from * 1_000_000, to * 1_000_000)) {
        let issued_at = Timestamp::from_micros(issued_at);
        let expires_at = Timestamp::from_micros(expires_at);
        let claims = AccessClaims { issued_at, expires_at, ..access() };
        let token = fixture.signer.sign_access(&claims).unwrap();
        assert_eq!(fixture.signer.verify(&token), Ok(Claims::Access(claims)));
        let claims = RefreshClaims { issued_at, expires_at, ..refresh() };
        let token = fixture.signer.sign_refresh(&claims).unwrap();
        assert_eq!(fixture.signer.verify(&token), Ok(Claims::Refresh(claims)));
    }
}

/// Tokens that another key signed are none of ours.
pub async fn foreign_tokens_are_refused(fixture: &SignerFixture) {
    let access = fixture.foreign.sign_access(&access()).unwrap();
    let refresh = fixture.foreign.sign_refresh(&refresh()).unwrap();
    assert!(fixture.signer.verify(&access).is_err());
    assert!(fixture.signer.verify(&refresh).is_err());
}

/// A token in which any character was changed is refused, and so is one with a character too many or too few.
pub async fn changed_tokens_are_refused(fixture: &SignerFixture) {
    let token = fixture.signer.sign_refresh(&refresh()).unwrap();
    for (at, character) in token.char_indices() {
        let other = if character == 'A' { 'B' } else { 'A' };
        let (before, after) = (&token[..at], &token[at + character.len_utf8()..]);
        assert!(fixture.signer.verify(&format!("{before}{other}{after}")).is_err(), "changed at {at}");
        assert!(fixture.signer.verify(&format!("{before}{after}")).is_err(), "cut at {at}");
    }
    for changed in [format!("{token} "), format!(" {token}"), format!("{token}\n"), format!("{token}=")] {
        assert!(fixture.signer.verify(&changed).is_err(), "{changed:?}");
    }
}

/// Claims under the signature of other claims are refused.
pub async fn a_signature_does_not_fit_other_claims(fixture: &SignerFixture) {
    let first = fixture.signer.sign_access(&access()).unwrap();
    let second = fixture.signer.sign_access(&access()).unwrap();
    // The longest common beginning is the header, if there is one; what differs is swapped after it.
    let common = first.bytes().zip(second.bytes()).take_while(|(a, b)| a == b).count();
    let signature = 32;
    let mixed = format!("{}{}", &first[..first.len() - signature], &second[second.len() - signature..]);
    assert!(common < mixed.len() - signature);
    assert!(fixture.signer.verify(&mixed).is_err());
}

/// What is no token at all is refused.
pub async fn garbage_is_refused(fixture: &SignerFixture) {
    let unsigned = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.e30.";
    for garbage in ["", ".", "..", "...", "a.b.c", "\0", "токен", "Bearer a.b.c", unsigned] {
        assert!(fixture.signer.verify(garbage).is_err(), "{garbage:?}");
    }
}

/// Any token beyond 8 KiB MUST be refused, even one that was signed here.
pub async fn overlong_tokens_are_refused(fixture: &SignerFixture) {
    let claims = RefreshClaims { issuer: "i".repeat(MAX_BYTES), ..refresh() };
    // Not signing it in the first place is as good.
    if let Ok(token) = fixture.signer.sign_refresh(&claims) {
        assert!(token.len() > MAX_BYTES);
        assert!(fixture.signer.verify(&token).is_err());
    }
    assert!(fixture.signer.verify(&"a".repeat(10 * 1024 * 1024)).is_err());
}

/// The public keys are the same at every call, and a JSON object with the member `keys`.
pub async fn public_keys_are_a_key_set(fixture: &SignerFixture) {
    let keys = fixture.signer.public_keys();
    assert!(keys.starts_with('{') && keys.ends_with('}') && keys.contains("\"keys\""), "{keys}");
    assert_eq!(fixture.signer.public_keys(), keys);
}

/// The public keys have no secret in them: none of the members that hold one (RFC 7518, sections 6.2.2 to 6.4.1).
pub async fn public_keys_hold_no_secret(fixture: &SignerFixture) {
    let keys = fixture.signer.public_keys();
    for secret in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert!(!keys.contains(&format!("\"{secret}\":")), "the member {secret} holds a secret");
    }
}

/// Stamps the contract of [`TokenSigner`] as tests.
///
/// Takes an async expression that makes a fresh [`SignerFixture`].
#[macro_export]
macro_rules! signer_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; signer:
            access_claims_come_back,
            refresh_claims_come_back,
            times_come_back_in_whole_seconds,
            the_same_refresh_claims_give_the_same_token,
            other_refresh_claims_give_another_token,
            the_time_is_not_looked_at,
            foreign_tokens_are_refused,
            changed_tokens_are_refused,
            a_signature_does_not_fit_other_claims,
            garbage_is_refused,
            overlong_tokens_are_refused,
            public_keys_are_a_key_set,
            public_keys_hold_no_secret,
        );
    };
}
