//! Signed tokens (JWS, RFC 7515; EdDSA by RFC 8037) and the keys that sign them.
//!
//! Each key has a `kid` and one algorithm. The key whose `kid` sorts last of those of the configured algorithm signs;
//! all verify, so that a key is replaced by adding a newer one and removing the older when its tokens have expired.
//!
//! A token is read strictly. Its header has `alg`, `typ` and `kid` and nothing else, its claims are those of
//! `AccessClaims` or `RefreshClaims` and nothing else, each once, all base64 is canonical. Nothing of the header is
//! believed: `kid` chooses among the keys in memory, and `alg` must be what that key is for.
//!
//! To add an algorithm, add a variant to [`JwtAlgorithm`], and to `key` how its keys are made and read.

mod folder;
mod key;
mod wire;

use std::{collections::BTreeMap, fmt, path::Path};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{crypto, jwk::JwkSet};
use lectern_application::ports::{
    AccessClaims, Claims, RefreshClaims, SignError, Source, TokenRejected, TokenSigner,
};

pub use folder::KeyRingError;
pub use key::JwtAlgorithm;
use key::Key;
use wire::{TokenClaims, TokenHeader};

/// The longest token that is looked at, in bytes.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// Keys from a folder, as the port `TokenSigner`.
pub struct KeyRing {
    /// By `kid`.
    keys: BTreeMap<String, Key>,
    signing: SigningKey,
    /// The JWK set.
    public: String,
}

/// The key that signs, with the header of all its tokens.
struct SigningKey {
    key: Key,
    header: String,
}

impl KeyRing {
    /// The keys in `folder`. The folder and a first key of `algorithm` are made if they are missing; of several
    /// servers that start at once, one makes the key and all use it.
    pub fn open(folder: &Path, algorithm: JwtAlgorithm) -> Result<Self, KeyRingError> {
        let (keys, kid) = folder::load_or_create(folder, algorithm)?;
        let signing = keys.get(&kid).cloned().ok_or(KeyRingError::NoKey)?;
        let header = TokenHeader::of(kid, algorithm);
        let header =
            encode_part(&header).map_err(|source| KeyRingError::Unusable { source: source.into() })?;
        let public = JwkSet { keys: keys.values().filter_map(|key| key.public().cloned()).collect() };
        let public = serde_json::to_string(&public)
            .map_err(|source| KeyRingError::Unusable { source: source.into() })?;
        Ok(Self { keys, signing: SigningKey { key: signing, header }, public })
    }

    fn sign(&self, claims: &TokenClaims) -> Result<String, SignError> {
        let sign_error = |source: Source| SignError { source };
        let SigningKey { key, header } = &self.signing;
        let payload = encode_part(claims).map_err(|error| sign_error(error.into()))?;
        let message = format!("{header}.{payload}");
        let signature = crypto::sign(message.as_bytes(), key.encoding(), key.algorithm().into())
            .map_err(|error| sign_error(error.into()))?;
        Ok(format!("{message}.{signature}"))
    }

    fn read(&self, token: &str) -> Option<Claims> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        let header: TokenHeader = decode_part(header)?;
        let key = self.keys.get(header.kid())?;
        if !header.fits(key.algorithm()) {
            return None;
        }
        let genuine =
            crypto::verify(signature, message.as_bytes(), key.decoding(), key.algorithm().into()).ok()?;
        if !genuine {
            return None;
        }
        decode_part::<TokenClaims>(payload)?.try_into().ok()
    }
}

impl TokenSigner for KeyRing {
    fn sign_access(&self, claims: &AccessClaims) -> Result<String, SignError> {
        self.sign(&claims.into())
    }

    fn sign_refresh(&self, claims: &RefreshClaims) -> Result<String, SignError> {
        self.sign(&claims.into())
    }

    fn verify(&self, token: &str) -> Result<Claims, TokenRejected> {
        self.read(token).ok_or(TokenRejected)
    }

    fn public_keys(&self) -> String {
        self.public.clone()
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing").field("kids", &self.keys.keys()).finish_non_exhaustive()
    }
}

fn encode_part(part: &impl serde::Serialize) -> serde_json::Result<String> {
    serde_json::to_vec(part).map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// Reads canonical base64url without padding of a JSON object without anything around it.
fn decode_part<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    // Derived readers would take an array for an object.
    json.starts_with(b"{").then(|| serde_json::from_slice(&json).ok()).flatten()
}
