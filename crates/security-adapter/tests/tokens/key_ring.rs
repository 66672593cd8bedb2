//! `KeyRing` as a signer, and its folder of keys.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    sync::Barrier,
    thread,
};

use lectern_application::ports::{Claims, TokenSigner};
use lectern_security_adapter::{JwtAlgorithm, KeyRing, KeyRingError};
use serde_json::Value;

use crate::{
    claims::{access, refresh},
    rings::{self, key_files, open, try_open},
};

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
fn keys_are_made_private() {
    for algorithm in JwtAlgorithm::ALL {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("keys");
        open(&folder, algorithm);
        assert_eq!(key_files(&folder).len(), if algorithm == JwtAlgorithm::Es256 { 2 } else { 1 });
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
    let message = try_open(folder.path(), JwtAlgorithm::EdDsa).unwrap_err().to_string();
    assert!(message.contains(&format!("chmod 600 {}", file.display())), "{message}");
}

#[test]
fn a_folder_that_others_can_write_to_is_refused_with_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770)).unwrap();
    let message = try_open(folder.path(), JwtAlgorithm::EdDsa).unwrap_err().to_string();
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
        rings::write_key(&file, text);
        let error = try_open(folder.path(), JwtAlgorithm::EdDsa).unwrap_err();
        assert!(matches!(&error, KeyRingError::Malformed { path, .. } if *path == file), "{error:?}");
    }
}

#[test]
fn a_short_symmetric_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("short.secret");
    rings::write_key(&file, "c2VjcmV0");
    let error = try_open(folder.path(), JwtAlgorithm::Hs256).unwrap_err();
    assert!(matches!(error, KeyRingError::Malformed { .. }), "{error:?}");
}

/// The members of the only public key of a ring.
fn only_public_key(ring: &KeyRing) -> serde_json::Map<String, Value> {
    let set: Value = serde_json::from_str(&ring.public_keys()).unwrap();
    let [key] = set["keys"].as_array().unwrap().as_slice() else { unreachable!("one key: {set}") };
    key.as_object().unwrap().clone()
}

#[test]
fn public_keys_are_a_jwk_set_without_secrets() {
    let members = [
        (JwtAlgorithm::EdDsa, "OKP", "Ed25519", ["alg", "crv", "kid", "kty", "use", "x"].as_slice()),
        (JwtAlgorithm::Es256, "EC", "P-256", &["alg", "crv", "kid", "kty", "use", "x", "y"]),
    ];
    for (algorithm, kind, curve, members) in members {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), JwtAlgorithm::Hs256);
        let ring = open(folder.path(), algorithm);
        let key = only_public_key(&ring);
        assert_eq!(key.keys().collect::<Vec<_>>(), members);
        let told = ["kty", "crv", "alg", "use"].map(|member| key[member].as_str().unwrap());
        assert_eq!(told, [kind, curve, algorithm.as_str(), "sig"]);
        let token = ring.sign_access(&access()).unwrap();
        assert_eq!(rings::header(&token)["kid"], key["kid"]);
    }
}

#[test]
fn refresh_tokens_under_es256_are_signed_by_a_key_that_nobody_else_has() {
    let folder = tempfile::tempdir().unwrap();
    let ring = open(folder.path(), JwtAlgorithm::Es256);
    let token = ring.sign_refresh(&refresh()).unwrap();
    assert_eq!(rings::header(&token)["alg"], "HS256");
    assert_ne!(rings::header(&token)["kid"], only_public_key(&ring)["kid"]);
    assert_eq!(rings::header(&ring.sign_access(&access()).unwrap())["alg"], "ES256");
}

#[test]
fn access_tokens_under_es256_never_have_the_same_signature() {
    let folder = tempfile::tempdir().unwrap();
    let ring = open(folder.path(), JwtAlgorithm::Es256);
    assert_ne!(ring.sign_access(&access()).unwrap(), ring.sign_access(&access()).unwrap());
}

#[test]
fn keys_that_openssl_made_are_told_apart_by_what_is_in_them() {
    // Made by: openssl genpkey -algorithm ED25519
    let ed25519 = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIGgqXS1/ph8FBbRUT7+HrFu/BT5MuBbo/RPOt3MbZOL+
-----END PRIVATE KEY-----
";
    // Made by: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256
    let p256 = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgaJW/CT6W78PMXOQK
9sw62gjfut7NIlwY8rFA1HMwFt+hRANCAAQ/1cWGepvguM8CpUpLWtASYpjZcnG+
wFbXvq1AU5Mo3dAC7d5/gk7KexQ+9nmqdaf19p8o42hVVrGJupMCR7XC
-----END PRIVATE KEY-----
";
    for (algorithm, text) in [(JwtAlgorithm::EdDsa, ed25519), (JwtAlgorithm::Es256, p256)] {
        let folder = tempfile::tempdir().unwrap();
        rings::write_key(&folder.path().join("made-by-openssl.pem"), text);
        let ring = open(folder.path(), algorithm);
        let token = ring.sign_access(&access()).unwrap();
        assert_eq!(rings::header(&token)["kid"], "made-by-openssl");
        assert_eq!(ring.verify(&token), Ok(Claims::Access(access())));
    }
}

#[test]
fn a_key_on_another_curve_is_refused() {
    // Made by: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384
    let text = "-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDAjs/ITFiYU2/7MTwnj
ldvPe0C7CAazITnF/meaQmAm7YoGcn8N3atdYx4L3o4b2rWhZANiAARQHXgJokLU
FvcS8Uk0u4+9hVOZYqocdXLDeI+0y+BEVHfyKo/ss4kq9NEhxkZcqXzAN/PFy60o
mG9crxrbf2NJCuUJbgJtulrc6rTtpF15aNAhuOtOvLVHchT7C6VpZuo=
-----END PRIVATE KEY-----
";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other-curve.pem");
    rings::write_key(&file, text);
    let error = try_open(folder.path(), JwtAlgorithm::Es256).unwrap_err();
    assert!(matches!(&error, KeyRingError::Malformed { path, .. } if *path == file), "{error:?}");
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
    assert_eq!(JwtAlgorithm::parse("ES256"), Some(JwtAlgorithm::Es256));
    assert_eq!(JwtAlgorithm::parse("none"), None);
}
