//! The contract of [`PasswordHasher`]: every byte of a password counts.

use std::{any::Any, sync::Arc};

use futures::future::join_all;
use lectern_application::ports::{HashError, PasswordHasher, Verified};
use lectern_domain::account::{Password, PasswordHash};

/// A hasher that is not busy, with room for four at once.
pub struct HasherFixture {
    /// The hasher.
    pub hasher: Arc<dyn PasswordHasher>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

impl HasherFixture {
    async fn hash(&self, text: &str) -> PasswordHash {
        self.hasher.hash(password(text)).await.unwrap()
    }

    async fn verify(&self, text: &str, hash: &PasswordHash) -> Verified {
        self.hasher.verify(password(text), hash.clone()).await.unwrap()
    }
}

/// A password matches the hash that was made of it, and the hash is what would be made today.
pub async fn a_password_matches_its_hash(fixture: &HasherFixture) {
    for text in ["correct horse battery staple", "пароль 密碼 🔑", " leading and trailing ", ""] {
        let hash = fixture.hash(text).await;
        assert_eq!(fixture.verify(text, &hash).await, Verified::Match, "{text:?}");
    }
}

/// Another password does not, not even one that differs in letter case, a space or its Unicode spelling.
pub async fn another_password_does_not_match(fixture: &HasherFixture) {
    let hash = fixture.hash("Élan vital").await;
    for other in ["élan vital", "Élan vital ", "Élan vita", "E\u{301}lan vital", ""] {
        assert_eq!(fixture.verify(other, &hash).await, Verified::Mismatch, "{other:?}");
    }
}

/// Every byte MUST count, whatever the length: at bcrypt's limit, and at the longest there is.
pub async fn every_byte_counts_whatever_the_length(fixture: &HasherFixture) {
    for length in [71, 72, 73, 256, 300, Password::MAX_BYTES] {
        let text = "a".repeat(length);
        let other = format!("{}b", "a".repeat(length - 1));
        let shorter = "a".repeat(length - 1);
        let hash = fixture.hash(&text).await;
        assert_eq!(fixture.verify(&text, &hash).await, Verified::Match, "{length}");
        assert_eq!(fixture.verify(&other, &hash).await, Verified::Mismatch, "{length}");
        assert_eq!(fixture.verify(&shorter, &hash).await, Verified::Mismatch, "{length}");
    }
}

/// A NUL is a byte like any other, and ends nothing.
pub async fn a_nul_byte_counts(fixture: &HasherFixture) {
    let hash = fixture.hash("before\0after").await;
    assert_eq!(fixture.verify("before\0after", &hash).await, Verified::Match);
    assert_eq!(fixture.verify("before\0other", &hash).await, Verified::Mismatch);
    assert_eq!(fixture.verify("before", &hash).await, Verified::Mismatch);
}

/// A stored hash that can't be read is an error, not a mismatch.
pub async fn an_unreadable_hash_is_invalid(fixture: &HasherFixture) {
    for unreadable in ["", "garbage", "$2b$", "$9z$10$"] {
        let hash = PasswordHash::new(unreadable.to_owned());
        let verified = fixture.hasher.verify(password("password"), hash).await;
        assert!(matches!(verified, Err(HashError::Invalid { .. })), "{unreadable:?}: {verified:?}");
    }
}

/// The work for an account that doesn't exist can be done for any password.
pub async fn verifying_nothing_works_for_any_password(fixture: &HasherFixture) {
    for text in ["", "password", &"a".repeat(Password::MAX_BYTES)] {
        fixture.hasher.verify_nothing(password(text)).await.unwrap();
    }
}

/// Who asks at the same time gets their own answer.
pub async fn concurrent_calls_do_not_mix_up(fixture: &HasherFixture) {
    let texts = ["one", "two", "three", "four"];
    let hashes = join_all(texts.map(|text| fixture.hash(text))).await;
    let own = texts.iter().zip(&hashes).map(|(text, hash)| fixture.verify(text, hash));
    assert_eq!(join_all(own).await, [Verified::Match; 4]);
    let others =
        texts.iter().zip(hashes.iter().cycle().skip(1)).map(|(text, hash)| fixture.verify(text, hash));
    assert_eq!(join_all(others).await, [Verified::Mismatch; 4]);
}

/// Stamps the contract of [`PasswordHasher`] as tests.
///
/// Takes an async expression that makes a fresh [`HasherFixture`].
#[macro_export]
macro_rules! hasher_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; hasher:
            a_password_matches_its_hash,
            another_password_does_not_match,
            every_byte_counts_whatever_the_length,
            a_nul_byte_counts,
            an_unreadable_hash_is_invalid,
            verifying_nothing_works_for_any_password,
            concurrent_calls_do_not_mix_up,
        );
    };
}
