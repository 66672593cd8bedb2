//! What somebody looks for in their transcripts.

/// Words to be found, bounded: each costs a look into the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText(String);

/// Why a search was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// Too much text.
    #[error("must be at most {} characters long", SearchText::MAX_CHARS)]
    TooLong,
    /// Too many words.
    #[error("must have at most {} words", SearchText::MAX_WORDS)]
    TooManyWords,
}

impl SearchText {
    /// The most characters of a search.
    pub const MAX_CHARS: usize = 200;
    /// The most words, separated by white space.
    pub const MAX_WORDS: usize = 16;

    /// Takes a search: the words in their order, each once. Without any word, it finds everything.
    pub fn parse(text: &str) -> Result<Self, SearchError> {
        if text.chars().take(Self::MAX_CHARS + 1).count() > Self::MAX_CHARS {
            return Err(SearchError::TooLong);
        }
        let mut words: Vec<&str> = Vec::new();
        for word in text.split_whitespace() {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        if words.len() > Self::MAX_WORDS { Err(SearchError::TooManyWords) } else { Ok(Self(words.join(" "))) }
    }

    /// The words, separated by single spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_once() {
        assert_eq!(SearchText::parse(" to  be or not\tto be ").map(|s| s.0), Ok("to be or not".to_owned()));
        assert_eq!(SearchText::parse(&"a ".repeat(100)).map(|s| s.0), Ok("a".to_owned()));
        assert_eq!(SearchText::parse(" ").map(|s| s.0), Ok(String::new()));
    }

    #[test]
    fn searches_are_bounded() {
        let words = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join(" ");
        assert!(SearchText::parse(&words(16)).is_ok());
        assert_eq!(SearchText::parse(&words(17)), Err(SearchError::TooManyWords));
        assert!(SearchText::parse(&"x".repeat(200)).is_ok());
        assert_eq!(SearchText::parse(&"x".repeat(201)), Err(SearchError::TooLong));
    }
}
