//! Lines of the server's log that are kept where they can be looked through: a line for each request, warnings and
//! errors.
//!
//! An entry holds what the log on stderr says anyway, and no more. Its texts are bounded and free of NUL, so that every
//! store takes them as they are.

use std::{collections::BTreeMap, time::Duration};

use uuid::Uuid;

use crate::time::Timestamp;

/// An entry's id, made before it is stored: one that is stored twice is there once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogEntryId(pub Uuid);

/// How bad it is, the worst last. What is less than [`Info`](Self::Info) is for developers and not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogLevel {
    /// As it should be: requests.
    Info,
    /// Not as it should be, but nothing has failed for good.
    Warn,
    /// Something has failed.
    Error,
}

impl LogLevel {
    /// All of them, the worst last.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warn, Self::Error];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }

    /// The level of that name, in whatever letter case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str().eq_ignore_ascii_case(name))
    }
}

/// A text of an entry: at most [`LogText::MAX_CHARS`] characters, and no NUL, which `PostgreSQL` can't store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogText(String);

impl LogText {
    /// The most characters it has.
    pub const MAX_CHARS: usize = 4096;
    /// What stands for the rest of a text that was cut.
    const REST: char = '…';

    /// As much of `text` as there is room for, with U+FFFD for each NUL.
    pub fn cut(text: &str) -> Self {
        let mut kept: String = match text.char_indices().nth(Self::MAX_CHARS) {
            None => text.to_owned(),
            Some(_) => text.chars().take(Self::MAX_CHARS - 1).chain([Self::REST]).collect(),
        };
        if kept.contains('\0') {
            kept = kept.replace('\0', "\u{fffd}");
        }
        Self(kept)
    }

    /// It as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `part` is in it, whatever the case of ASCII letters. Nothing in `part` is a wildcard.
    pub fn has(&self, part: &Self) -> bool {
        self.0.to_ascii_lowercase().contains(&part.0.to_ascii_lowercase())
    }
}

/// What a line says besides its message, by name: at most [`LogFields::MAX`] texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogFields(BTreeMap<LogText, LogText>);

impl LogFields {
    /// The most fields that are kept.
    pub const MAX: usize = 32;

    /// The first of these fields; of two with one name, the later.
    pub fn first_of<N: AsRef<str>, T: AsRef<str>>(fields: impl IntoIterator<Item = (N, T)>) -> Self {
        let mut kept = BTreeMap::new();
        for (name, text) in fields {
            let name = LogText::cut(name.as_ref());
            if kept.len() < Self::MAX || kept.contains_key(&name) {
                kept.insert(name, LogText::cut(text.as_ref()));
            }
        }
        Self(kept)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Its id.
    pub id: LogEntryId,
    /// When.
    pub at: Timestamp,
    /// How bad it is.
    pub level: LogLevel,
    /// Which part of the program says so.
    pub target: LogText,
    /// What it says.
    pub message: LogText,
    /// The request that it is about, if it is about one.
    pub request_id: Option<Uuid>,
    /// The request's method.
    pub method: Option<LogText>,
    /// The route that took the request, as a pattern: never the path itself, whose parts may be anything.
    pub route: Option<LogText>,
    /// The status of the answer, where it is known.
    pub status: Option<u16>,
    /// How long it took until the answer began, in whole microseconds.
    pub duration: Option<Duration>,
    /// What else it says.
    pub fields: LogFields,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_level_is_the_greatest() {
        assert!(LogLevel::Info < LogLevel::Warn && LogLevel::Warn < LogLevel::Error);
    }

    #[test]
    fn a_level_is_found_by_its_name() {
        for level in LogLevel::ALL {
            assert_eq!(LogLevel::parse(level.as_str()), Some(level));
            assert_eq!(LogLevel::parse(&level.as_str().to_uppercase()), Some(level));
        }
        assert_eq!(LogLevel::parse("debug"), None);
    }

    #[test]
    fn a_text_with_room_is_kept_as_it_is() {
        let longest = "ä".repeat(LogText::MAX_CHARS);
        for text in ["", "as it is\n\u{1b}", &longest] {
            assert_eq!(LogText::cut(text).as_str(), text);
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_and_says_so() {
        let cut = LogText::cut(&"ä".repeat(LogText::MAX_CHARS + 1));
        assert_eq!(cut.as_str().chars().count(), LogText::MAX_CHARS);
        assert!(cut.as_str().ends_with("ä…"));
    }

    #[test]
    fn no_text_has_a_nul() {
        assert_eq!(LogText::cut("a\0b\0").as_str(), "a\u{fffd}b\u{fffd}");
    }

    #[test]
    fn a_part_is_found_in_whatever_letter_case() {
        let text = LogText::cut("Can't reach 100% of the DATABASE");
        for part in ["database", "100%", "CAN'T", ""] {
            assert!(text.has(&LogText::cut(part)), "{part}");
        }
        for part in ["1%0", "reach%of", "databases"] {
            assert!(!text.has(&LogText::cut(part)), "{part}");
        }
    }

    #[test]
    fn of_too_many_fields_the_first_are_kept() {
        let fields = LogFields::first_of((0..100).map(|n| (format!("{n:03}"), "x")));
        let names: Vec<_> = fields.iter().map(|(name, _)| name).collect();
        assert_eq!((names.len(), names.last()), (LogFields::MAX, Some(&"031")));
    }

    #[test]
    fn of_two_fields_of_a_name_the_later_is_kept() {
        let fields = LogFields::first_of([("name", "span"), ("name", "event")]);
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("name", "event")]);
    }
}
