//! `KeyRing` as a signer, and its folder of keys.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod claims;

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Barrier,
    thread,
};

use claims::{access, refresh};
use lectern_application::ports::{Claims, TokenSigner};
use lectern_security_adapter::{JwtAlgorithm, KeyRing, KeyRingError};
use serde_json::Value;

fn open(folder: &Path, algorithm: JwtAlgorithm) -> KeyRing {
    KeyRing::open(folder, algorithm).unwrap()
}

fn key_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some()).collect()
}

#[test]
fn what_was_signed_is_read_back() {
    for algorithm in JwtAlgorithm::ALL {
        let folder = tempfile::tempdir().unwrap();
        let ring = open(folder.path(), algorithm);
        let token = ring.sign_access(&access()).unwrap();
        assert_eq!(ring.verify(&token), Ok(Claims::Access(access())));
        let token = ring.sign_refresh(&refresh()).unwrap();
        assert_eq!(ring.verify(&token), Ok(Claims::Refresh(refresh())));
    }
}

#[test]
fn the_same_claims_always_give_the_same_token() {
    for algorithm in JwtAlgorithm::ALL {
        let folder = tempfile::tempdir().unwrap();
        let token = open(folder.path(), algorithm).sign_refresh(&refresh()).unwrap();
        assert_eq!(open(folder.path(), algorithm).sign_refresh(&refresh()).unwrap(), token);
    }
}

#[test]
fn rings_of_one_folder_verify_each_others_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), JwtAlgorithm::EdDsa);
    let second = open(folder.path(), JwtAlgorithm::EdDsa);
    assert!(second.verify(&first.sign_access(&access()).unwrap()).is_ok());
    assert!(first.verify(&second.sign_access(&access()).unwrap()).is_ok());
}

#[test]
fn a_change_of_algorithm_leaves_older_tokens_valid() {
    let folder = tempfile::tempdir().unwrap();
    let old = open(folder.path(), JwtAlgorithm::Hs256).sign_access(&access()).unwrap();
    assert!(open(folder.path(), JwtAlgorithm::EdDsa).verify(&old).is_ok());
}

#[test]
fn the_newest_key_signs_and_the_older_ones_verify() {
    let folder = tempfile::tempdir().unwrap();
    let old = open(folder.path(), JwtAlgorithm::EdDsa).sign_access(&access()).unwrap();
    let other = tempfile::tempdir().unwrap();
    let newer = open(other.path(), JwtAlgorithm::EdDsa).sign_access(&access()).unwrap();
    let file = key_files(other.path()).pop().unwrap();
    fs::copy(&file, folder.path().join(file.file_name().unwrap())).unwrap();
    let both = open(folder.path(), JwtAlgorithm::EdDsa);
    assert!(both.verify(&old).is_ok());
    assert_eq!(both.sign_access(&access()).unwrap(), newer);
}

#[test]
fn keys_are_made_private() {
    for algorithm in JwtAlgorithm::ALL {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("keys");
        open(&folder, algorithm);
        assert_eq!(folder.metadata().unwrap().mode() & 0o777, 0o700);
        for entry in fs::read_dir(&folder).unwrap() {
            assert_eq!(entry.unwrap().metadata().unwrap().mode() & 0o777, 0o600);
        }
    }
}

#[test]
fn a_key_that_others_can_read_is_refused_with_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), JwtAlgorithm::EdDsa);
    let file = key_files(folder.path()).pop().unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let message = KeyRing::open(folder.path(), JwtAlgorithm::EdDsa).unwrap_err().to_string();
    assert!(message.contains(&format!("chmod 600 {}", file.display())), "{message}");
}

#[test]
fn a_folder_that_others_can_write_to_is_refused_with_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770)).unwrap();
    let message = KeyRing::open(folder.path(), JwtAlgorithm::EdDsa).unwrap_err().to_string();
    assert!(message.contains(&format!("chmod 700 {}", folder.path().display())), "{message}");
}

#[test]
fn all_who_start_at_once_use_the_same_key() {
    let folder = tempfile::tempdir().unwrap();
    let start = Barrier::new(8);
    let tokens: Vec<String> = thread::scope(|scope| {
        let sign_at_once = || {
            start.wait();
            open(folder.path(), JwtAlgorithm::EdDsa).sign_access(&access()).unwrap()
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(sign_at_once)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(key_files(folder.path()).len(), 1);
}

#[test]
fn a_draft_that_a_crash_left_is_no_key() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(".draft-x1y2z3"), "-----BEGIN PRIV").unwrap();
    let ring = open(folder.path(), JwtAlgorithm::EdDsa);
    assert!(ring.verify(&ring.sign_access(&access()).unwrap()).is_ok());
}

#[test]
fn a_broken_key_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("torn.pem");
    for text in ["", "-----BEGIN PRIVATE KEY-----\nMC4C", "c2VjcmV0"] {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let error = KeyRing::open(folder.path(), JwtAlgorithm::EdDsa).unwrap_err();
        assert!(matches!(&error, KeyRingError::Malformed { path, .. } if *path == file), "{error:?}");
    }
}

#[test]
fn a_short_symmetric_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("short.secret");
    fs::write(&file, "c2VjcmV0").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let error = KeyRing::open(folder.path(), JwtAlgorithm::Hs256).unwrap_err();
    assert!(matches!(error, KeyRingError::Malformed { .. }), "{error:?}");
}

#[test]
fn public_keys_are_a_jwk_set_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), JwtAlgorithm::Hs256);
    let ring = open(folder.path(), JwtAlgorithm::EdDsa);
    let set: Value = serde_json::from_str(&ring.public_keys()).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    let key = keys[0].as_object().unwrap();
    let members: Vec<&str> = key.keys().map(String::as_str).collect();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
    assert_eq!(
        (&key["kty"], &key["crv"], &key["alg"], &key["use"]),
        (&Value::from("OKP"), &Value::from("Ed25519"), &Value::from("EdDSA"), &Value::from("sig"))
    );
}

#[test]
fn symmetric_keys_are_never_published() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(open(folder.path(), JwtAlgorithm::Hs256).public_keys(), r#"{"keys":[]}"#);
}

#[test]
fn debug_shows_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let ring = open(folder.path(), JwtAlgorithm::Hs256);
    let secret = fs::read_to_string(key_files(folder.path()).pop().unwrap()).unwrap();
    assert!(!format!("{ring:?}").contains(&secret));
}

#[test]
fn algorithms_are_read_by_their_registered_names() {
    assert_eq!(JwtAlgorithm::parse("EdDSA"), Some(JwtAlgorithm::EdDsa));
    assert_eq!(JwtAlgorithm::parse("HS256"), Some(JwtAlgorithm::Hs256));
    assert_eq!(JwtAlgorithm::parse("none"), None);
}
