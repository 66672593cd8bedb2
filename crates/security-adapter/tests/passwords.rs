//! `BcryptHasher` against the promises of the port `PasswordHasher`.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::num::NonZeroUsize;

use lectern_application::ports::{HashError, PasswordHasher, Verified};
use lectern_domain::account::{Password, PasswordHash};
use lectern_security_adapter::{BcryptHasher, BcryptSettings, BcryptSettingsError};

fn hasher_of_cost(cost: u32) -> BcryptHasher {
    BcryptHasher::new(BcryptSettings { cost, workers: NonZeroUsize::MIN, queue: 0 }).unwrap()
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

async fn verify(text: &str, hash: &str) -> Result<Verified, HashError> {
    hasher_of_cost(4).verify(password(text), PasswordHash::new(hash.to_owned())).await
}

/// Passwords of which bcrypt, left to itself, would not read every byte, and some that it would.
fn awkward_passwords() -> Vec<String> {
    let mut all: Vec<String> =
        [0, 1, 70, 71, 72, 73, 256, 300, 1023, 1024].map(|length| "a".repeat(length)).into();
    all.extend(["пароль", "ab", "ab\0ab", "ab\0", "\0", "ab\0x"].map(str::to_owned));
    all
}

#[tokio::test]
async fn a_password_matches_its_own_hash_and_no_other_password_does() {
    let hasher = hasher_of_cost(4);
    let passwords = awkward_passwords();
    for hashed in &passwords {
        let hash = hasher.hash(password(hashed)).await.unwrap();
        for presented in &passwords {
            let expected = if presented == hashed { Verified::Match } else { Verified::Mismatch };
            let verified = hasher.verify(password(presented), hash.clone()).await.unwrap();
            assert_eq!(verified, expected, "{presented:?} against the hash of {hashed:?}");
        }
    }
}

#[tokio::test]
async fn the_last_byte_counts_whatever_the_length() {
    let hasher = hasher_of_cost(4);
    for length in [1, 71, 72, 73, 256, 300, 1024] {
        let stem = "x".repeat(length - 1);
        let hash = hasher.hash(password(&format!("{stem}1"))).await.unwrap();
        let verified = hasher.verify(password(&format!("{stem}2")), hash).await.unwrap();
        assert_eq!(verified, Verified::Mismatch, "{length} bytes");
    }
}

#[tokio::test]
async fn only_passwords_that_bcrypt_would_cut_have_the_tagged_form() {
    let hasher = hasher_of_cost(4);
    let short = hasher.hash(password(&"a".repeat(71))).await.unwrap();
    let long = hasher.hash(password(&"a".repeat(72))).await.unwrap();
    assert!(short.as_str().starts_with("$2b$04$"));
    assert!(long.as_str().starts_with("$bcrypt-sha256$2b$04$"));
}

#[tokio::test]
async fn the_same_password_never_has_the_same_hash() {
    let hasher = hasher_of_cost(4);
    let first = hasher.hash(password("correct horse")).await.unwrap();
    assert_ne!(first, hasher.hash(password("correct horse")).await.unwrap());
}

// The hashes of other systems below were made by crypt(3) of libxcrypt.

#[tokio::test]
async fn hashes_of_other_systems_match_and_are_outdated() {
    for version in ["$2a$", "$2y$"] {
        let hash = format!("{version}04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e");
        assert_eq!(verify("correct horse", &hash).await.unwrap(), Verified::MatchOutdated);
        assert_eq!(verify("correct house", &hash).await.unwrap(), Verified::Mismatch);
    }
}

#[tokio::test]
async fn a_current_hash_of_another_system_is_as_good_as_our_own() {
    let hash = "$2b$04$abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
    assert_eq!(verify("correct horse", hash).await.unwrap(), Verified::Match);
}

#[tokio::test]
async fn a_hash_of_72_bytes_made_elsewhere_matches_them_and_nothing_longer() {
    let hash = "$2b$04$abcdefghijklmnopqrstuuBzzIgyKkz7xMWYSzkIjUSnxEQFQ0WNe";
    assert_eq!(verify(&"a".repeat(72), hash).await.unwrap(), Verified::MatchOutdated);
    assert_eq!(verify(&"a".repeat(73), hash).await.unwrap(), Verified::Mismatch);
}

#[tokio::test]
async fn a_lower_and_a_higher_cost_are_outdated() {
    let hash = hasher_of_cost(5).hash(password("correct horse")).await.unwrap();
    for cost in [4, 6] {
        let verified = hasher_of_cost(cost).verify(password("correct horse"), hash.clone()).await.unwrap();
        assert_eq!(verified, Verified::MatchOutdated, "cost {cost}");
    }
}

#[tokio::test]
async fn a_stored_hash_that_is_none_is_refused() {
    let tail = "abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e";
    let costly = format!("$2b$31${tail}");
    let cheap = format!("$2b$03${tail}");
    let broken_version = format!("$2x$04${tail}");
    let tagged_costly = format!("$bcrypt-sha256$2b$17${tail}");
    let nested = format!("$bcrypt-sha256$bcrypt-sha256$2b$04${tail}");
    let cut = format!("$2b$04${}", &tail[1..]);
    let hashes = ["", "$2b$", "plain", "é", &costly, &cheap, &broken_version, &tagged_costly, &nested, &cut];
    for hash in hashes {
        assert!(matches!(verify("correct horse", hash).await, Err(HashError::Invalid { .. })), "{hash}");
    }
}

#[tokio::test]
async fn the_error_about_a_stored_hash_does_not_show_it() {
    let error = verify("correct horse", "$1$salt$digest").await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("digest"));
}

#[test]
fn absurd_settings_are_refused() {
    let settings = BcryptSettings { cost: 12, workers: NonZeroUsize::MIN, queue: 0 };
    for cost in [0, 3, 17, 31] {
        let refused = BcryptHasher::new(BcryptSettings { cost, ..settings });
        assert_eq!(refused.map(|_| ()), Err(BcryptSettingsError::Cost));
    }
    let refused = BcryptHasher::new(BcryptSettings { queue: usize::MAX, ..settings });
    assert_eq!(refused.map(|_| ()), Err(BcryptSettingsError::Queue));
}
