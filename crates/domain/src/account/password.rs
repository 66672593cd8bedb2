//! Passwords and the policies that accept them.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::{EmailAddress, Username};

/// The 3,000 most common passwords of eight and more characters, one a line, in lower case: as many as OWASP ASVS 5.0,
/// 6.2.4, asks for. From the second thousand on they are those of zxcvbn's list, which was counted in leaks (MIT licence).
const COMMON: &str = include_str!("common_passwords.txt");

/// What an attacker adds to the list for this service in particular (OWASP ASVS 5.0, 6.1.2): its name, what it is about,
/// and its roles.
const CONTEXT: [&str; 9] = [
    "administrator",
    "lectern",
    "lecture",
    "lectures",
    "methodist",
    "operator",
    "transcript",
    "transcription",
    "transcripts",
];

/// A password in clear, zeroed when dropped and never shown by `Debug`.
#[derive(Clone)]
pub struct Password(SecretString);

/// The text has more bytes than any policy allows. Hashing it would only burn time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {} bytes long", Password::MAX_BYTES)]
pub struct PasswordTooLong;

impl Password {
    /// The most bytes that are ever hashed: 256 characters of four bytes.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a password as it came. Policies are checked where a password is *set*, never where it is verified.
    pub fn new(secret: impl Into<SecretString>) -> Result<Self, PasswordTooLong> {
        let secret = secret.into();
        if secret.expose_secret().len() > Self::MAX_BYTES { Err(PasswordTooLong) } else { Ok(Self(secret)) }
    }

    /// A password that no policy accepts, for doing the work of a check that can't succeed.
    pub fn empty() -> Self {
        Self(SecretString::default())
    }

    /// The clear text, for hashing.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A stored password hash in its encoded form (`$2b$…`), opaque to everything but the hasher.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps an encoded hash.
    pub fn new(encoded: String) -> Self {
        Self(encoded)
    }

    /// The encoded hash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// A kind of character that a policy can demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharacterClass {
    /// A lower-case letter.
    Lower,
    /// An upper-case letter.
    Upper,
    /// A decimal digit.
    Digit,
    /// Neither a letter, nor a digit, nor white space.
    Special,
    /// A lower-case letter from a to z.
    LatinLower,
    /// An upper-case letter from A to Z.
    LatinUpper,
    /// A character of the block Cyrillic (U+0400 to U+04FF).
    Cyrillic,
    /// White space.
    WhiteSpace,
    /// Any of these.
    OneOf(&'static str),
}

impl CharacterClass {
    fn holds(self, c: char) -> bool {
        match self {
            Self::Lower => c.is_lowercase(),
            Self::Upper => c.is_uppercase(),
            Self::Digit => c.is_ascii_digit(),
            Self::Special => !c.is_alphanumeric() && !c.is_whitespace(),
            Self::LatinLower => c.is_ascii_lowercase(),
            Self::LatinUpper => c.is_ascii_uppercase(),
            Self::Cyrillic => ('\u{400}'..='\u{4ff}').contains(&c),
            Self::WhiteSpace => c.is_whitespace(),
            Self::OneOf(these) => these.contains(c),
        }
    }
}

impl fmt::Display for CharacterClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lower => "a lower-case letter",
            Self::Upper => "an upper-case letter",
            Self::Digit => "a digit",
            Self::Special => "a special character",
            Self::LatinLower => "a lower-case Latin letter",
            Self::LatinUpper => "an upper-case Latin letter",
            Self::Cyrillic => "a Cyrillic letter",
            Self::WhiteSpace => "white space",
            Self::OneOf(these) => return write!(f, "any of {these}"),
        })
    }
}

/// What a password is compared with: the names of the account it is for.
#[derive(Debug, Clone, Copy, Default)]
pub struct PasswordContext<'a> {
    /// The account's user name.
    pub username: Option<&'a Username>,
    /// The account's e-mail address.
    pub email: Option<&'a EmailAddress>,
}

/// Why a policy refused a password. The password is never part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordViolation {
    /// Fewer characters than the policy asks for.
    #[error("must be at least {min} characters long")]
    TooShort {
        /// The fewest characters allowed.
        min: usize,
    },
    /// More characters than the policy allows.
    #[error("must be at most {max} characters long")]
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// More bytes in UTF-8 than the policy allows.
    #[error("must be at most {max} bytes long")]
    TooManyBytes {
        /// The most bytes allowed.
        max: usize,
    },
    /// No character of a demanded class.
    #[error("must contain {class}")]
    Missing {
        /// The class that is missing.
        class: CharacterClass,
    },
    /// A character of a forbidden class.
    #[error("must not contain {class}")]
    Forbidden {
        /// The class that is forbidden.
        class: CharacterClass,
    },
    /// The user name or the e-mail address.
    #[error("must not be the user name or the e-mail address")]
    IsName,
    /// One of the most common passwords.
    #[error("is among the most common passwords; choose another")]
    Common,
    /// A word of this service, with nothing but digits and signs around it.
    #[error("must not be a word of this service, with or without digits around it; choose another")]
    OfTheService,
}

/// What an API surface asks of a new password. A value: each surface has its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters.
    pub min_chars: usize,
    /// Most characters.
    pub max_chars: usize,
    /// Most bytes in UTF-8.
    pub max_bytes: usize,
    /// Classes of which at least one character is needed.
    pub required: &'static [CharacterClass],
    /// Classes of which no character is allowed.
    pub forbidden: &'static [CharacterClass],
    /// Whether user name, e-mail address, the most common passwords and the words of this service are refused.
    pub refuses_guessable: bool,
}

impl PasswordPolicy {
    /// The policy of API v1, after NIST SP 800-63B-4, section 3.1.1.2: length counts, composition does not, and
    /// what an attacker tries first is refused.
    pub const V1: Self = Self {
        min_chars: 8,
        max_chars: 256,
        max_bytes: Password::MAX_BYTES,
        required: &[],
        forbidden: &[],
        refuses_guessable: true,
    };

    /// Accepts a password for the account of `context`, or says what is wrong first.
    pub fn check(&self, password: &Password, context: PasswordContext<'_>) -> Result<(), PasswordViolation> {
        let text = password.expose();
        let chars = text.chars().count();
        if chars < self.min_chars {
            return Err(PasswordViolation::TooShort { min: self.min_chars });
        }
        if chars > self.max_chars {
            return Err(PasswordViolation::TooLong { max: self.max_chars });
        }
        if text.len() > self.max_bytes {
            return Err(PasswordViolation::TooManyBytes { max: self.max_bytes });
        }
        let has = |class: &CharacterClass| text.chars().any(|c| class.holds(c));
        if let Some(&class) = self.required.iter().find(|class| !has(class)) {
            return Err(PasswordViolation::Missing { class });
        }
        if let Some(&class) = self.forbidden.iter().find(|class| has(class)) {
            return Err(PasswordViolation::Forbidden { class });
        }
        if self.refuses_guessable { refuse_guessable(text, context) } else { Ok(()) }
    }
}

fn refuse_guessable(text: &str, context: PasswordContext<'_>) -> Result<(), PasswordViolation> {
    let folded = crate::text::case_folded(text);
    let names = [context.username.map(Username::key), context.email.map(EmailAddress::key)];
    if names.into_iter().flatten().any(|name| name == folded) {
        return Err(PasswordViolation::IsName);
    }
    if COMMON.lines().any(|common| common == folded) {
        return Err(PasswordViolation::Common);
    }
    if CONTEXT.contains(&folded.trim_matches(|c: char| !c.is_alphabetic())) {
        return Err(PasswordViolation::OfTheService);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn check(policy: &PasswordPolicy, text: &str) -> Result<(), PasswordViolation> {
        policy.check(&Password::new(text.to_owned()).unwrap(), PasswordContext::default())
    }

    #[test]
    fn the_list_of_common_passwords_is_whole() {
        assert_eq!(COMMON.lines().count(), 3000);
        assert_eq!(COMMON.lines().collect::<HashSet<_>>().len(), 3000);
        assert!(COMMON.lines().all(|line| line.chars().count() >= 8 && line == line.to_lowercase()));
    }

    #[test]
    fn v1_counts_characters_not_bytes() {
        assert_eq!(check(&PasswordPolicy::V1, "пароли7"), Err(PasswordViolation::TooShort { min: 8 }));
        assert_eq!(check(&PasswordPolicy::V1, "пароли77"), Ok(()));
        assert_eq!(check(&PasswordPolicy::V1, &"я".repeat(256)), Ok(()));
        assert_eq!(
            check(&PasswordPolicy::V1, &"я".repeat(257)),
            Err(PasswordViolation::TooLong { max: 256 })
        );
    }

    #[test]
    fn what_is_tried_first_is_refused_in_any_letter_case() {
        assert_eq!(check(&PasswordPolicy::V1, "PassWord1"), Err(PasswordViolation::Common));
        let username = Username::parse("Charlotte").unwrap();
        let context = PasswordContext { username: Some(&username), email: None };
        let password = Password::new("charLOTTE".to_owned()).unwrap();
        assert_eq!(PasswordPolicy::V1.check(&password, context), Err(PasswordViolation::IsName));
    }

    #[test]
    fn words_of_the_service_are_refused_whatever_digits_and_signs_are_around_them() {
        for guessable in ["Lectern1", "LECTERN-2026!", "123lecture", "administrator", "4.Transcripts"] {
            assert_eq!(
                check(&PasswordPolicy::V1, guessable),
                Err(PasswordViolation::OfTheService),
                "{guessable}"
            );
        }
        for good in ["lectern and candle", "my lectern", "lecternists"] {
            assert_eq!(check(&PasswordPolicy::V1, good), Ok(()), "{good}");
        }
    }

    #[test]
    fn any_composition_is_accepted_if_it_is_long_enough() {
        for text in ["aaaabbbb", "ZXZXZXZX", "55512094", "        ", "пароль из слов", "🦉🦉🦉🦉🦉🦉🦉🦉"]
        {
            assert_eq!(check(&PasswordPolicy::V1, text), Ok(()), "{text}");
        }
    }

    #[test]
    fn classes_and_forbidden_characters_are_policy() {
        let policy = PasswordPolicy {
            required: &[CharacterClass::Upper, CharacterClass::Special],
            forbidden: &[CharacterClass::OneOf("<>")],
            ..PasswordPolicy::V1
        };
        let missing = |class| Err(PasswordViolation::Missing { class });
        assert_eq!(check(&policy, "all lower case"), missing(CharacterClass::Upper));
        assert_eq!(check(&policy, "No Special"), missing(CharacterClass::Special));
        assert_eq!(
            check(&policy, "Some<thing"),
            Err(PasswordViolation::Forbidden { class: CharacterClass::OneOf("<>") })
        );
        assert_eq!(check(&policy, "Some-thing"), Ok(()));
    }

    #[test]
    fn neither_a_password_nor_its_hash_is_ever_shown() {
        let password = Password::new("hunter2hunter2".to_owned()).unwrap();
        assert!(!format!("{password:?} {:?}", PasswordHash::new("$2b$secret".to_owned())).contains("hunter"));
        assert!(!format!("{:?}", PasswordHash::new("$2b$secret".to_owned())).contains("secret"));
    }

    #[test]
    fn absurd_lengths_never_reach_the_hasher() {
        assert!(Password::new("x".repeat(Password::MAX_BYTES + 1)).is_err());
    }
}
