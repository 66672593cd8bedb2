//! Tokens made and read with the keys of a ring.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::crypto;
use lectern_application::ports::{Claims, SignError, Source};

pub(super) use super::wire::{TokenClaims, TokenHeader};
use super::{
    keys::{Keys, RingKey},
    kid,
};

/// The longest token that is looked at, in bytes.
pub(crate) const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What a token is to a set of keys.
pub(super) enum Reading {
    /// One of them signed it.
    Genuine(Claims),
    /// It names a key that is not among them.
    UnknownKey,
    /// Neither.
    Rejected,
}

/// Signs claims.
pub(super) fn sign(claims: &TokenClaims, by: &RingKey) -> Result<String, SignError> {
    let sign_error = |source: Source| SignError { source };
    let payload = encode_part(claims).map_err(|error| sign_error(error.into()))?;
    let message = format!("{}.{payload}", by.header);
    let signature = crypto::sign(message.as_bytes(), by.key.encoding(), by.key.algorithm().into())
        .map_err(|error| sign_error(error.into()))?;
    Ok(format!("{message}.{signature}"))
}

/// Reads a token.
pub(super) fn read(token: &str, keys: &Keys) -> Reading {
    read_strictly(token, keys).unwrap_or(Reading::Rejected)
}

fn read_strictly(token: &str, keys: &Keys) -> Option<Reading> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let (message, signature) = token.rsplit_once('.')?;
    let (header, payload) = message.split_once('.')?;
    let header: TokenHeader = decode_part(header)?;
    let Some(RingKey { key, .. }) = keys.get(header.kid()) else {
        return kid::is_valid(header.kid()).then_some(Reading::UnknownKey);
    };
    if !header.fits(key.algorithm()) {
        return None;
    }
    let genuine =
        crypto::verify(signature, message.as_bytes(), key.decoding(), key.algorithm().into()).ok()?;
    if !genuine {
        return None;
    }
    decode_part::<TokenClaims>(payload)?.try_into().ok().map(Reading::Genuine)
}

/// JSON in base64url.
pub(super) fn encode_part(part: &impl serde::Serialize) -> serde_json::Result<String> {
    serde_json::to_vec(part).map(|json| URL_SAFE_NO_PAD.encode(json))
}

/// Reads canonical base64url without padding of a JSON object without anything around it.
fn decode_part<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    // Derived readers would take an array for an object.
    json.starts_with(b"{").then(|| serde_json::from_slice(&json).ok()).flatten()
}
