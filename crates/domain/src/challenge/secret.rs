//! Tokens and codes, and the digests that stand for them in the database.

use std::fmt;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};

use crate::account::EmailAddress;

/// What whoever asked holds: 32 random bytes, never stored and never shown by `Debug`.
pub struct ChallengeToken(SecretBox<[u8; 32]>);

impl ChallengeToken {
    /// The token of these bytes, which must be random.
    pub fn new(random: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(random)))
    }

    /// Reads a token as a client sends it: base64url without padding (RFC 4648, section 5). `None` for a text that no
    /// token has: answer it like an unknown one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self::new)
    }

    /// As a client gets it.
    pub fn encoded(&self) -> SecretString {
        BASE64_URL_SAFE_NO_PAD.encode(self.0.expose_secret()).into()
    }

    /// The id of the challenge that it belongs to.
    pub fn challenge(&self) -> ChallengeId {
        ChallengeId(Sha256::digest(self.0.expose_secret()).into())
    }
}

impl fmt::Debug for ChallengeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ChallengeToken(…)")
    }
}

/// A challenge's id: the SHA-256 of its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChallengeId(pub [u8; 32]);

/// What comes by mail: six digits, never shown by `Debug`.
#[derive(Clone)]
pub struct Code(SecretString);

/// The text is no code. It is never part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the {} digits from the mail", Code::DIGITS)]
pub struct CodeError;

impl Code {
    /// How many digits it has.
    pub const DIGITS: usize = 6;
    /// How many codes there are.
    const COUNT: u64 = 1_000_000;

    /// The code that eight random bytes come to. That 2⁶⁴ is no multiple of a million makes some codes likelier than
    /// others by 10⁻¹³.
    pub fn new(random: [u8; 8]) -> Self {
        let number = u64::from_le_bytes(random) % Self::COUNT;
        Self(format!("{number:0width$}", width = Self::DIGITS).into())
    }

    /// Reads a code as it was typed: white space around it and a space or hyphen in it are no mistake.
    pub fn parse(text: &str) -> Result<Self, CodeError> {
        // No spelling of a code is longer.
        if text.len() > 64 {
            return Err(CodeError);
        }
        let digits: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_code = digits.len() == Self::DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        if is_code { Ok(Self(digits.into())) } else { Err(CodeError) }
    }

    /// The digits, for the mail.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}
impl Eq for Code {}

/// The SHA-256 of a token and a code. Without the token it says nothing about the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeDigest(pub [u8; 32]);

impl CodeDigest {
    /// The digest of this pair.
    pub fn of(token: &ChallengeToken, code: &Code) -> Self {
        let bytes = Sha256::new().chain_update(token.0.expose_secret()).chain_update(code.expose());
        Self(bytes.finalize().into())
    }
}

/// The SHA-256 of an e-mail address as it is compared, for telling addresses apart without keeping those of strangers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressDigest(pub [u8; 32]);

impl AddressDigest {
    /// The digest of an address.
    pub fn of(address: &EmailAddress) -> Self {
        Self(Sha256::digest(address.key()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_encoding() {
        let token = ChallengeToken::new([7; 32]);
        let encoded = token.encoded();
        let again = ChallengeToken::parse(encoded.expose_secret()).unwrap();
        assert_eq!(encoded.expose_secret().len(), 43);
        assert_eq!(again.challenge(), token.challenge());
    }

    #[test]
    fn other_texts_are_no_tokens() {
        for text in ["", "token", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43), &"/".repeat(43)] {
            assert!(ChallengeToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn codes_have_six_digits_whatever_the_number() {
        assert_eq!(Code::new([0; 8]).expose(), "000000");
        assert_eq!(Code::new(1_000_042_u64.to_le_bytes()).expose(), "000042");
        assert_eq!(Code::new(u64::MAX.to_le_bytes()).expose().len(), Code::DIGITS);
    }

    #[test]
    fn a_code_may_be_typed_with_a_gap() {
        for text in ["012345", " 012345\n", "012 345", "012-345"] {
            assert_eq!(Code::parse(text).map(|code| code.expose().to_owned()), Ok("012345".to_owned()));
        }
    }

    #[test]
    fn other_texts_are_no_codes() {
        for text in ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", &" ".repeat(1000)] {
            assert_eq!(Code::parse(text), Err(CodeError), "{text}");
        }
    }

    #[test]
    fn the_same_code_has_another_digest_under_another_token() {
        let code = Code::new([1; 8]);
        let [one, other] = [1, 2].map(|byte| CodeDigest::of(&ChallengeToken::new([byte; 32]), &code));
        assert_ne!(one, other);
    }

    #[test]
    fn addresses_are_told_apart_as_they_are_compared() {
        let digest = |text| AddressDigest::of(&EmailAddress::parse(text).unwrap());
        assert_eq!(digest("Ada@Example.org"), digest("ada@example.org"));
        assert_ne!(digest("ada@example.org"), digest("adb@example.org"));
    }

    #[test]
    fn neither_token_nor_code_is_ever_shown() {
        let token = ChallengeToken::new([0x61; 32]);
        let code = Code::parse("123456").unwrap();
        assert_eq!(format!("{token:?} {code:?}"), "ChallengeToken(…) Code(…)");
    }
}
