//! An attacker with more than they should have.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use lectern_application::ports::TokenSigner;
use lectern_security_adapter::{JwtAlgorithm, KeyRing};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    claims::access,
    rings::{header, key_files, open},
};

/// A ring, and its key in the attacker's hands.
pub(crate) struct Forge {
    _folder: TempDir,
    pub(crate) ring: KeyRing,
    pub(crate) algorithm: JwtAlgorithm,
    pub(crate) kid: String,
    key: EncodingKey,
}

impl Forge {
    pub(crate) fn new(algorithm: JwtAlgorithm) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ring = open(folder.path(), algorithm);
        let token = ring.sign_access(&access()).unwrap();
        let kid = header(&token)["kid"].as_str().unwrap().to_owned();
        let files = key_files(folder.path());
        let file = files.into_iter().find(|file| file.file_stem().unwrap().to_str() == Some(&kid)).unwrap();
        let key = read_key(&file, algorithm);
        Self { _folder: folder, ring, algorithm, kid, key }
    }

    /// One for each algorithm.
    pub(crate) fn all() -> [Self; 3] {
        JwtAlgorithm::ALL.map(Self::new)
    }

    pub(crate) fn header(&self) -> String {
        self.header_for(self.algorithm.as_str())
    }

    /// A header that names another algorithm.
    pub(crate) fn header_for(&self, algorithm: &str) -> String {
        json!({"alg": algorithm, "typ": "JWT", "kid": self.kid}).to_string()
    }

    /// The payload of a genuine access token.
    pub(crate) fn payload(&self) -> Value {
        let [_, payload, _] = self.genuine();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
    }

    /// The parts of a genuine access token.
    pub(crate) fn genuine(&self) -> [String; 3] {
        parts(&self.ring.sign_access(&access()).unwrap())
    }

    /// A token of any two texts with a genuine signature.
    pub(crate) fn sign(&self, header: &str, payload: &str) -> String {
        self.sign_parts(&URL_SAFE_NO_PAD.encode(header), &URL_SAFE_NO_PAD.encode(payload))
    }

    pub(crate) fn sign_parts(&self, header: &str, payload: &str) -> String {
        let message = format!("{header}.{payload}");
        let signature = crypto::sign(message.as_bytes(), &self.key, self.algorithm.into()).unwrap();
        format!("{message}.{signature}")
    }

    /// A token with the claims of a genuine one, and an HMAC by any bytes as its signature.
    pub(crate) fn sign_by_secret(&self, secret: &[u8]) -> String {
        let parts = [self.header_for("HS256"), self.payload().to_string()];
        let message = parts.map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
        let key = EncodingKey::from_secret(secret);
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    }

    /// The private key.
    pub(crate) fn pkcs8(&self) -> &[u8] {
        self.key.as_bytes()
    }

    pub(crate) fn accepts(&self, token: &str) -> bool {
        self.ring.verify(token).is_ok()
    }

    /// The public key that everybody can read.
    pub(crate) fn public_key(&self) -> Value {
        let set: Value = serde_json::from_str(&self.ring.public_keys()).unwrap();
        set["keys"][0].clone()
    }
}

fn read_key(file: &Path, algorithm: JwtAlgorithm) -> EncodingKey {
    let text = fs::read(file).unwrap();
    match algorithm {
        JwtAlgorithm::EdDsa => EncodingKey::from_ed_pem(&text).unwrap(),
        JwtAlgorithm::Es256 => EncodingKey::from_ec_pem(&text).unwrap(),
        JwtAlgorithm::Hs256 => EncodingKey::from_base64_secret(std::str::from_utf8(&text).unwrap()).unwrap(),
    }
}

/// The parts of a token.
pub(crate) fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}
