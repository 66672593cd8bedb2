//! What the text types share: trimmed, NFC, bounded in characters, free of control characters.

use unicode_normalization::UnicodeNormalization;

/// Why a text was refused. The text itself is never part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// It has more characters (Unicode scalar values after NFC) than allowed.
    #[error("must be at most {max} characters long")]
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// It contains a control character.
    #[error("must not contain control characters")]
    ControlCharacter,
}

/// Trims and normalises `text`, and refuses what is empty, too long or contains control characters.
pub(crate) fn bounded(text: &str, max: usize) -> Result<String, TextError> {
    // NFC never makes a text more than three times as long: reject the absurd before normalising it.
    if text.len() > max.saturating_mul(16) {
        return Err(TextError::TooLong { max });
    }
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.chars().count() > max {
        return Err(TextError::TooLong { max });
    }
    if text.chars().any(char::is_control) {
        return Err(TextError::ControlCharacter);
    }
    Ok(text)
}

/// The key under which two spellings of one name are the same name: NFC and lower case (RFC 8265, section 3.3).
pub(crate) fn case_folded(text: &str) -> String {
    text.to_lowercase().nfc().collect()
}

/// The form in which a part of a text is looked for: as [`case_folded`], with one small sigma wherever it stands.
pub(crate) fn searchable(text: &str) -> String {
    case_folded(text).replace('ς', "σ")
}

/// Declares a text type of at most `$max` characters.
macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX_CHARS: usize = $max;

            /// Trims and normalises (NFC); refuses empty and overlong texts and control characters.
            pub fn parse(text: &str) -> Result<Self, $crate::text::TextError> {
                $crate::text::bounded(text, Self::MAX_CHARS).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use bounded_text;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_that_look_alike_are_the_same_text() {
        assert_eq!(bounded("e\u{301}", 1), Ok("é".to_owned()));
    }

    #[test]
    fn control_characters_are_refused() {
        assert_eq!(bounded("a\r\nBcc: b", 50), Err(TextError::ControlCharacter));
    }

    #[test]
    fn absurd_lengths_are_refused_before_they_are_read() {
        assert_eq!(bounded(&"a".repeat(1_000_000), 10), Err(TextError::TooLong { max: 10 }));
    }
}
