//! One key: how it is made, how it is kept, what it signs and verifies.

use std::fmt;

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
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
    /// ECDSA on P-256 with SHA-256 (FIPS 186-5), for those whose libraries don't know `EdDSA`. Others can verify tokens
    /// by the public key. No two signatures are the same, so refresh tokens are signed by [`Hs256`](Self::Hs256).
    Es256,
}

impl JwtAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EdDsa, Self::Hs256, Self::Es256];

    /// The name registered for JWS (RFC 7518, section 3.1; RFC 8037, section 5).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Hs256 => "HS256",
            Self::Es256 => "ES256",
        }
    }

    /// Reads a registered name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// What signs refresh tokens where this signs access tokens. It always gives the same signature: the same claims
    /// must give the same token. Nobody but us reads refresh tokens, so nobody needs a public key for them.
    pub(super) const fn for_refresh_tokens(self) -> Self {
        match self {
            Self::EdDsa => Self::EdDsa,
            Self::Hs256 | Self::Es256 => Self::Hs256,
        }
    }

    /// The form of its key files.
    pub(super) const fn form(self) -> KeyForm {
        match self {
            Self::EdDsa | Self::Es256 => KeyForm::Pem,
            Self::Hs256 => KeyForm::Secret,
        }
    }
}

impl From<JwtAlgorithm> for Algorithm {
    fn from(algorithm: JwtAlgorithm) -> Self {
        match algorithm {
            JwtAlgorithm::EdDsa => Self::EdDSA,
            JwtAlgorithm::Hs256 => Self::HS256,
            JwtAlgorithm::Es256 => Self::ES256,
        }
    }
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyForm {
    /// PKCS#8 in PEM (RFC 5958, RFC 7468), which names its algorithm: Ed25519 (RFC 8410) or P-256 (RFC 5915).
    Pem,
    /// The base64 (RFC 4648, section 4) of an HMAC key.
    Secret,
}

impl KeyForm {
    pub(super) const ALL: [Self; 2] = [Self::Pem, Self::Secret];

    /// The extension of the file.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Secret => "secret",
        }
    }
}

impl fmt::Display for KeyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pem => "an Ed25519 or P-256 key in PKCS#8",
            Self::Secret => "the base64 of an HMAC key",
        })
    }
}

/// Why a key file's text is no key. Nothing of it is part of the message.
#[derive(Debug, thiserror::Error)]
pub(super) enum MalformedKey {
    #[error("it is not {form}")]
    Encoding {
        form: KeyForm,
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

    /// Reads what a key file of that form holds.
    pub(super) fn read(text: &str, kid: &str, form: KeyForm) -> Result<Self, MalformedKey> {
        let malformed = |source| MalformedKey::Encoding { form, source };
        match form {
            KeyForm::Pem => match EncodingKey::from_ed_pem(text.as_bytes()) {
                Ok(key) => Self::key_pair(key, kid, JwtAlgorithm::EdDsa).map_err(malformed),
                Err(_) => EncodingKey::from_ec_pem(text.as_bytes())
                    .and_then(|key| Self::key_pair(key, kid, JwtAlgorithm::Es256))
                    .map_err(malformed),
            },
            KeyForm::Secret => {
                let encoding = EncodingKey::from_base64_secret(text.trim()).map_err(malformed)?;
                if encoding.as_bytes().len() < Self::SECRET_BYTES {
                    return Err(MalformedKey::TooShort);
                }
                let decoding = DecodingKey::from_secret(encoding.as_bytes());
                Ok(Self { algorithm: JwtAlgorithm::Hs256, encoding, decoding, public: None })
            }
        }
    }

    fn key_pair(
        encoding: EncodingKey,
        kid: &str,
        algorithm: JwtAlgorithm,
    ) -> Result<Self, jsonwebtoken::errors::Error> {
        let mut jwk = Jwk::from_encoding_key(&encoding, algorithm.into())?;
        jwk.common.key_id = Some(kid.to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let decoding = DecodingKey::from_jwk(&jwk)?;
        Ok(Self { algorithm, encoding, decoding, public: Some(jwk) })
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

    /// Tells keys apart. It is a digest of all of it, which is too random to be guessed.
    pub(super) fn fingerprint(&self) -> [u8; 32] {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(digest(&SHA256, self.encoding.as_bytes()).as_ref());
        fingerprint
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
        JwtAlgorithm::Es256 => {
            let pkcs8 =
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).and_then(|pair| pair.to_pkcs8v1());
            Ok(pem(pkcs8.map_err(|_| NoRandomness)?.as_ref()))
        }
        JwtAlgorithm::Hs256 => {
            let mut bytes = Zeroizing::new([0; Key::SECRET_BYTES]);
            aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
            Ok(Zeroizing::new(STANDARD.encode(bytes.as_slice())))
        }
    }
}

/// PEM (RFC 7468), in lines of 48 bytes, which are 64 characters.
fn pem(pkcs8: &[u8]) -> Zeroizing<String> {
    // Room for all of it at once: a text that grows leaves copies of itself behind.
    let mut text = Zeroizing::new(String::with_capacity(64 + 2 * pkcs8.len()));
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    for line in pkcs8.chunks(48) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    text.push_str("-----END PRIVATE KEY-----\n");
    text
}
