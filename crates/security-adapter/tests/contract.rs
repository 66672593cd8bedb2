//! The contracts of the password hasher, of the source of randomness, and of the token signer with either algorithm.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{num::NonZeroUsize, sync::Arc};

use lectern_security_adapter::{BcryptHasher, BcryptSettings, JwtAlgorithm, KeyRing, SystemRandom};
use lectern_testkit::{
    contract::{hasher::HasherFixture, random::RandomFixture, signer::SignerFixture},
    hasher_contract, random_contract, signer_contract,
};
use tempfile::TempDir;

fn signers(algorithm: JwtAlgorithm) -> SignerFixture {
    let folder = TempDir::new().unwrap();
    let ring = |name| Arc::new(KeyRing::open(&folder.path().join(name), algorithm).unwrap());
    SignerFixture { signer: ring("own"), foreign: ring("foreign"), keep: Box::new(folder) }
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

    signer_contract!(async { signers(JwtAlgorithm::EdDsa) });
}

mod hs256 {
    use super::*;

    signer_contract!(async { signers(JwtAlgorithm::Hs256) });
}

mod system_random {
    use super::*;

    random_contract!(async { RandomFixture { random: Arc::new(SystemRandom), keep: Box::new(()) } });
}
