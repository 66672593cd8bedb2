//! Tokens of every kind that a server must not take, and, to prove that the tools are sharp, some that it must.

use std::{fs, path::PathBuf};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};

use crate::server::Server;

/// The server's own key, as only a thief of its data folder has it.
pub(crate) struct StolenKey {
    key: EncodingKey,
    /// The key file's text.
    pub(crate) pem: String,
    pub(crate) kid: String,
}

impl StolenKey {
    pub(crate) fn of(server: &Server) -> Self {
        let file = key_file(server);
        let pem = fs::read_to_string(&file).unwrap();
        let key = EncodingKey::from_ed_pem(pem.as_bytes()).unwrap();
        Self { key, pem, kid: file.file_stem().unwrap().to_str().unwrap().to_owned() }
    }

    /// The header of the server's own tokens.
    pub(crate) fn header(&self) -> Value {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.kid})
    }

    /// A token of that header and those claims, each as text, with a true signature.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", encode(header), encode(claims));
        let signature = crypto::sign(message.as_bytes(), &self.key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    /// A token with the server's own header.
    pub(crate) fn sign_claims(&self, claims: &Value) -> String {
        self.sign(&self.header().to_string(), &claims.to_string())
    }
}

/// A token signed with a secret of one's own choice.
pub(crate) fn sign_hs256(secret: &[u8], header: &Value, claims: &Value) -> String {
    let message = format!("{}.{}", encode(&header.to_string()), encode(&claims.to_string()));
    let key = EncodingKey::from_secret(secret);
    let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// A token without any signature.
pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", encode(&header.to_string()), encode(&claims.to_string()))
}

/// What a token claims.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// The same claims but one.
pub(crate) fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut changed = claims.clone();
    changed.as_object_mut().unwrap().insert(name.to_owned(), value);
    changed
}

pub(crate) fn encode(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn key_file(server: &Server) -> PathBuf {
    let files = fs::read_dir(server.data_dir().join("keys")).unwrap().map(|entry| entry.unwrap().path());
    files.into_iter().find(|path| path.extension().is_some_and(|extension| extension == "pem")).unwrap()
}
