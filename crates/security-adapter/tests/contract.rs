//! The contracts of the password hasher, of the source of randomness, and of the token signer with each algorithm, with
//! and without a memory.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use lectern_application::ports::TokenSigner;
use lectern_security_adapter::{
    BcryptHasher, BcryptSettings, JwtAlgorithm, KeyRing, KeyRingSettings, RememberedTokens, SystemRandom,
};
use lectern_testkit::{
    clock::FakeClock,
    contract::{hasher::HasherFixture, random::RandomFixture, signer::SignerFixture},
    hasher_contract, random_contract, signer_contract,
};
use tempfile::TempDir;

fn signers(
    algorithm: JwtAlgorithm,
    signer: impl Fn(Arc<KeyRing>, Arc<FakeClock>) -> Arc<dyn TokenSigner>,
) -> SignerFixture {
    let folder = TempDir::new().unwrap();
    let settings = KeyRingSettings { algorithm, token_lifetime: Duration::from_hours(720) };
    let signer = |name| {
        let clock = Arc::new(FakeClock::default());
        let ring = KeyRing::open(&folder.path().join(name), settings, clock.clone()).unwrap();
        signer(Arc::new(ring), clock)
    };
    SignerFixture { signer: signer("own"), foreign: signer("foreign"), keep: Box::new(folder) }
}

fn bare(algorithm: JwtAlgorithm) -> SignerFixture {
    signers(algorithm, |ring, _| ring)
}

fn remembered(algorithm: JwtAlgorithm) -> SignerFixture {
    signers(algorithm, |ring, clock| {
        Arc::new(RememberedTokens::new(ring, clock, RememberedTokens::DEFAULT_ROOM))
    })
}

mod bcrypt {
    use super::*;

    hasher_contract!(async {
        let workers = NonZeroUsize::new(2).unwrap();
        let hasher = BcryptHasher::new(BcryptSettings { cost: 4, workers, queue: 8 }).unwrap();
        HasherFixture { hasher: Arc::new(hasher), keep: Box::new(()) }
    });
}

mod eddsa {
    use super::*;

    signer_contract!(async { bare(JwtAlgorithm::EdDsa) });
}

mod hs256 {
    use super::*;

    signer_contract!(async { bare(JwtAlgorithm::Hs256) });
}

mod es256 {
    use super::*;

    signer_contract!(async { bare(JwtAlgorithm::Es256) });
}

mod remembered_eddsa {
    use super::*;

    signer_contract!(async { remembered(JwtAlgorithm::EdDsa) });
}

mod remembered_hs256 {
    use super::*;

    signer_contract!(async { remembered(JwtAlgorithm::Hs256) });
}

mod remembered_es256 {
    use super::*;

    signer_contract!(async { remembered(JwtAlgorithm::Es256) });
}

mod system_random {
    use super::*;

    random_contract!(async { RandomFixture { random: Arc::new(SystemRandom), keep: Box::new(()) } });
}
