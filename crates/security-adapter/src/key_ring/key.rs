//! One key: how it is made, how it is kept, what it signs and verifies.

use aws_lc_rs::signature::Ed25519KeyPair;
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    jwk::{Jwk, PublicKeyUse},
};
use zeroize::Zeroizing;

use crate::NoRandomness;

/// How tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum JwtAlgorithm {
    /// Ed25519 (RFC 8032). Others can verify tokens by the public key.
    #[default]
    EdDsa,
    /// HMAC with SHA-256 (RFC 2104). Only who can sign can verify.
    Hs256,
}

impl JwtAlgorithm {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::EdDsa, Self::Hs256];

    /// The name registered for JWS (RFC 7518, section 3.1; RFC 8037, section 5).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
        }
    }

    /// Reads a registered name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// The extension of its key files.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::EdDsa => "pem",
            Self::Hs256 => "secret",
        }
    }
}

impl From<JwtAlgorithm> for Algorithm {
    fn from(algorithm: JwtAlgorithm) -> Self {
        match algorithm {
            JwtAlgorithm::EdDsa => Self::EdDSA,
            JwtAlgorithm::Hs256 => Self::HS256,
        }
    }
}

/// Why a key file's text is no key. Nothing of it is part of the message.
#[derive(Debug, thiserror::Error)]
pub(super) enum MalformedKey {
    #[error("it is not what a key file of {} holds", algorithm.as_str())]
    Encoding {
        algorithm: JwtAlgorithm,
        #[source]
        source: jsonwebtoken::errors::Error,
    },
    /// RFC 7518, section 3.2: an HMAC key is at least as long as the hash.
    #[error("a key of HS256 must have at least {} bytes", Key::SECRET_BYTES)]
    TooShort,
}

/// A key, fit for use.
#[derive(Clone)]
pub(super) struct Key {
    algorithm: JwtAlgorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    public: Option<Jwk>,
}

impl Key {
    /// The length of an HMAC key.
    const SECRET_BYTES: usize = 32;

    /// Reads what a key file holds: PKCS#8 in PEM (RFC 8410) for Ed25519, base64 (RFC 4648, section 4) for HMAC.
    pub(super) fn read(text: &str, kid: &str, algorithm: JwtAlgorithm) -> Result<Self, MalformedKey> {
        let malformed = |source| MalformedKey::Encoding { algorithm, source };
        match algorithm {
            JwtAlgorithm::EdDsa => {
                let encoding = EncodingKey::from_ed_pem(text.as_bytes()).map_err(malformed)?;
                let mut jwk = Jwk::from_encoding_key(&encoding, algorithm.into()).map_err(malformed)?;
                jwk.common.key_id = Some(kid.to_owned());
                jwk.common.public_key_use = Some(PublicKeyUse::Signature);
                let decoding = DecodingKey::from_jwk(&jwk).map_err(malformed)?;
                Ok(Self { algorithm, encoding, decoding, public: Some(jwk) })
            }
            JwtAlgorithm::Hs256 => {
                let text = text.trim();
                let encoding = EncodingKey::from_base64_secret(text).map_err(malformed)?;
                if encoding.as_bytes().len() < Self::SECRET_BYTES {
                    return Err(MalformedKey::TooShort);
                }
                let decoding = DecodingKey::from_secret(encoding.as_bytes());
                Ok(Self { algorithm, encoding, decoding, public: None })
            }
        }
    }

    pub(super) fn algorithm(&self) -> JwtAlgorithm {
        self.algorithm
    }

    pub(super) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    /// The public half, if there is one.
    pub(super) fn public(&self) -> Option<&Jwk> {
        self.public.as_ref()
    }
}

/// A fresh key as [`Key::read`] takes it.
pub(super) fn generate(algorithm: JwtAlgorithm) -> Result<Zeroizing<String>, NoRandomness> {
    match algorithm {
        JwtAlgorithm::EdDsa => {
            // Version 1 of PKCS#8, the one without the public key, is what OpenSSL reads.
            let pkcs8 = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1());
            Ok(pem(pkcs8.map_err(|_| NoRandomness)?.as_ref()))
        }
        JwtAlgorithm::Hs256 => {
            let mut bytes = Zeroizing::new([0; Key::SECRET_BYTES]);
            aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
            Ok(Zeroizing::new(STANDARD.encode(bytes.as_slice())))
        }
    }
}

/// PEM (RFC 7468). The 48 bytes of an Ed25519 key in PKCS#8 fill one line of 64 characters.
fn pem(pkcs8: &[u8]) -> Zeroizing<String> {
    let base64 = Zeroizing::new(STANDARD.encode(pkcs8));
    Zeroizing::new(format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", *base64))
}
