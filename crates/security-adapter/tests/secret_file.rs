//! Secrets that are made on first start.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    sync::Barrier,
    thread,
};

use lectern_security_adapter::secret_file::{SecretFileError, load_or_create};
use secrecy::ExposeSecret;

fn load(path: &Path) -> String {
    load_or_create(path).unwrap().expose_secret().to_owned()
}

#[test]
fn a_secret_is_made_once_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/worker-token");
    let made = load(&path);
    assert_eq!(made.len(), 43, "32 bytes in base64url");
    assert_eq!(load(&path), made);
}

#[test]
fn no_two_secrets_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    assert_ne!(load(&folder.path().join("a")), load(&folder.path().join("b")));
}

#[test]
fn only_the_owner_can_read_what_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/worker-token");
    load(&path);
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert_eq!(path.parent().unwrap().metadata().unwrap().mode() & 0o777, 0o700);
}

#[test]
fn a_secret_that_others_can_read_is_refused_with_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker-token");
    load(&path);
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let message = load_or_create(&path).unwrap_err().to_string();
        assert!(message.contains(&format!("chmod 600 {}", path.display())), "{message}");
    }
}

#[test]
fn a_secret_of_ones_own_is_taken_without_the_white_space_around_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker-token");
    fs::write(&path, "  sixteen-or-more-characters\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(load(&path), "sixteen-or-more-characters");
}

#[test]
fn an_empty_file_is_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker-token");
    fs::write(&path, "\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(load_or_create(&path), Err(SecretFileError::TooShort { .. })));
}

#[test]
fn all_who_start_at_once_get_the_same_secret() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker-token");
    let start = Barrier::new(8);
    let secrets: Vec<String> = thread::scope(|scope| {
        let load_at_once = || {
            start.wait();
            load(&path)
        };
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(load_at_once)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(secrets.iter().all(|secret| *secret == secrets[0]));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");
}
