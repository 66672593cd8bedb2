//! Keys that clients give their requests.

/// The value of an `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header): 1 to 255 visible ASCII
/// characters, such as a UUID.
///
/// The draft has a String of RFC 9651 there, which is in double quotes. Most clients send the bare text. Both are the
/// same key: `"8e03978e"` is `8e03978e`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

/// Why a key was refused. The key itself is never part of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdempotencyKeyError {
    /// It is empty or too long, or has spaces or other characters.
    #[error("must be 1 to 255 visible ASCII characters without spaces, such as a UUID")]
    Text,
    /// It begins with a double quote and is no String of RFC 9651.
    #[error(
        "must end with the double quote that it begins with, and escape '\"' and '\\' in between with '\\'"
    )]
    Quotes,
}

impl IdempotencyKey {
    /// The most characters of a key, quotes and escapes not counted.
    pub const MAX_CHARS: usize = 255;

    /// Reads a header's value, bare or in quotes.
    pub fn parse(value: &str) -> Result<Self, IdempotencyKeyError> {
        let value = value.trim_matches([' ', '\t']);
        match value.strip_prefix('"') {
            Some(rest) => Self::parse_bare(&unquoted(rest).ok_or(IdempotencyKeyError::Quotes)?),
            None => Self::parse_bare(value),
        }
    }

    /// Reads a key as [`as_str`](Self::as_str) writes it: quotes are part of it.
    pub fn parse_bare(key: &str) -> Result<Self, IdempotencyKeyError> {
        let well_formed =
            (1..=Self::MAX_CHARS).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        if well_formed { Ok(Self(key.to_owned())) } else { Err(IdempotencyKeyError::Text) }
    }

    /// The key, without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text of a String (RFC 9651, section 4.2.5) after its first quote; `None` if it doesn't end with the last one.
fn unquoted(rest: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(characters.next().filter(|c| matches!(c, '"' | '\\'))?),
            character => text.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(value: &str) -> Result<String, IdempotencyKeyError> {
        IdempotencyKey::parse(value).map(|key| key.as_str().to_owned())
    }

    #[test]
    fn quotes_are_not_part_of_the_key() {
        let id = "8e03978e-40d5-43dd-bc93-6894a57f9324";
        assert_eq!(parsed(&format!("\"{id}\"")), Ok(id.to_owned()));
        assert_eq!(parsed(id), Ok(id.to_owned()));
    }

    #[test]
    fn quotes_and_backslashes_are_escaped_inside_quotes_only() {
        assert_eq!(parsed(r#""a\"b\\c""#), Ok(r#"a"b\c"#.to_owned()));
        assert_eq!(parsed(r#"a"b\c"#), Ok(r#"a"b\c"#.to_owned()));
    }

    #[test]
    fn a_key_that_has_quotes_comes_back_as_it_was_written() {
        let key = IdempotencyKey::parse(r#""\"k\"""#).unwrap();
        assert_eq!(key.as_str(), r#""k""#);
        assert_eq!(IdempotencyKey::parse_bare(key.as_str()), Ok(key));
    }

    #[test]
    fn broken_quotes_are_refused() {
        for value in [r#"""#, r#""a"#, r#""a"b"#, r#""a";b=1"#, r#""a\b""#, r#""a\""#, r#""a" "b""#] {
            assert_eq!(parsed(value), Err(IdempotencyKeyError::Quotes), "{value}");
        }
    }

    #[test]
    fn only_visible_ascii_is_a_key() {
        for value in ["", " ", "\"\"", "two words", "\"two words\"", "tab\tin", "é", "nul\0", "del\u{7f}"] {
            assert_eq!(parsed(value), Err(IdempotencyKeyError::Text), "{value:?}");
        }
    }

    #[test]
    fn the_longest_key_has_255_characters_quoted_or_not() {
        let longest = "~".repeat(255);
        assert_eq!(parsed(&longest), Ok(longest.clone()));
        assert_eq!(parsed(&format!("\"{longest}\"")), Ok(longest.clone()));
        assert_eq!(parsed(&format!("{longest}~")), Err(IdempotencyKeyError::Text));
    }
}
