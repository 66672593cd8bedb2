//! `RememberedTokens` forgets in time.

use std::{sync::Arc, time::Duration};

use lectern_application::ports::{Claims, Clock, TokenRejected, TokenSigner};
use lectern_security_adapter::{JwtAlgorithm, KeyRing, RememberedTokens, Rotation, rotate_keys};
use lectern_testkit::clock::FakeClock;
use tempfile::TempDir;

use crate::{
    claims::{access_at, refresh_at},
    rings::settings,
};

struct Bench {
    folder: TempDir,
    clock: Arc<FakeClock>,
    ring: Arc<KeyRing>,
    signer: RememberedTokens,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::default());
        let ring = KeyRing::open(folder.path(), settings(JwtAlgorithm::EdDsa), clock.clone()).unwrap();
        let ring = Arc::new(ring);
        let signer = RememberedTokens::new(ring.clone(), clock.clone(), RememberedTokens::DEFAULT_ROOM);
        clock.advance(Duration::from_secs(1));
        Self { folder, clock, ring, signer }
    }

    fn rotate(&self, rotation: Rotation) {
        let settings = settings(JwtAlgorithm::EdDsa);
        rotate_keys(self.folder.path(), &settings, rotation, self.clock.now()).unwrap();
        self.ring.reload();
    }
}

#[test]
fn a_token_says_the_same_again() {
    let bench = Bench::new();
    let claims = access_at(bench.clock.now());
    let token = bench.signer.sign_access(&claims).unwrap();
    for _ in 0..3 {
        assert_eq!(bench.signer.verify(&token), Ok(Claims::Access(claims.clone())));
    }
    let claims = refresh_at(bench.clock.now());
    let token = bench.signer.sign_refresh(&claims).unwrap();
    for _ in 0..3 {
        assert_eq!(bench.signer.verify(&token), Ok(Claims::Refresh(claims.clone())));
    }
}

#[test]
fn a_remembered_token_is_refused_when_its_key_is_revoked() {
    let bench = Bench::new();
    let token = bench.signer.sign_access(&access_at(bench.clock.now())).unwrap();
    assert!(bench.signer.verify(&token).is_ok());
    bench.rotate(Rotation::RevokeOld);
    assert_eq!(bench.signer.verify(&token), Err(TokenRejected));
}

#[test]
fn a_remembered_token_goes_on_when_a_key_is_added() {
    let bench = Bench::new();
    let token = bench.signer.sign_access(&access_at(bench.clock.now())).unwrap();
    assert!(bench.signer.verify(&token).is_ok());
    bench.rotate(Rotation::After(Duration::ZERO));
    assert!(bench.signer.verify(&token).is_ok());
}

#[test]
fn a_remembered_token_with_any_change_is_refused() {
    let bench = Bench::new();
    let token = bench.signer.sign_access(&access_at(bench.clock.now())).unwrap();
    assert!(bench.signer.verify(&token).is_ok());
    let (message, _signature) = token.rsplit_once('.').unwrap();
    for changed in [format!("{message}."), message.to_owned(), format!("{token}A"), format!("{token}.")] {
        assert_eq!(bench.signer.verify(&changed), Err(TokenRejected), "{changed}");
    }
}
