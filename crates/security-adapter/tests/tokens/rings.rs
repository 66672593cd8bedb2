//! Rings of keys in folders, on a clock that stands still.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use lectern_security_adapter::{JwtAlgorithm, KeyRing, KeyRingError, KeyRingSettings};
use lectern_testkit::clock::FakeClock;
use serde_json::Value;

/// The longest that a token is good for.
pub(crate) const TOKEN_LIFETIME: Duration = Duration::from_hours(720);

pub(crate) fn settings(algorithm: JwtAlgorithm) -> KeyRingSettings {
    KeyRingSettings { algorithm, token_lifetime: TOKEN_LIFETIME }
}

pub(crate) fn try_open(folder: &Path, algorithm: JwtAlgorithm) -> Result<KeyRing, KeyRingError> {
    KeyRing::open(folder, settings(algorithm), Arc::new(FakeClock::default()))
}

pub(crate) fn open(folder: &Path, algorithm: JwtAlgorithm) -> KeyRing {
    try_open(folder, algorithm).unwrap()
}

pub(crate) fn key_files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some()).collect()
}

/// Writes a key file as private as it has to be.
pub(crate) fn write_key(file: &Path, text: &str) {
    fs::write(file, text).unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The header of a token.
pub(crate) fn header(token: &str) -> Value {
    let part = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
