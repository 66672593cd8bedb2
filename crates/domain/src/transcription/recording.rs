//! What was uploaded.

use std::{fmt, time::Duration};

use uuid::Uuid;

use crate::text::bounded_text;

bounded_text!(
    /// What the owner calls a recording.
    Title, 200
);

/// A BCP 47 language tag, checked for its form only (RFC 5646, section 2.1: subtags of 1 to 8 letters and digits).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(String);

/// Why a language tag was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a language tag such as 'en' or 'ru-RU'")]
pub struct LanguageError;

impl Language {
    /// Checks a tag.
    pub fn parse(tag: &str) -> Result<Self, LanguageError> {
        let subtag = |s: &str| (1..=8).contains(&s.len()) && s.chars().all(|c| c.is_ascii_alphanumeric());
        let primary = |s: &str| s.len() >= 2 && s.chars().all(|c| c.is_ascii_alphabetic());
        let well_formed =
            tag.len() <= 35 && tag.split('-').all(subtag) && tag.split('-').next().is_some_and(primary);
        if well_formed { Ok(Self(tag.to_owned())) } else { Err(LanguageError) }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Under which key the audio store keeps a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AudioKey(pub Uuid);

/// A SHA-256 digest (FIPS 180-4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

/// A recording as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    /// Where.
    pub key: AudioKey,
    /// Its media type, such as `audio/mpeg`.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// What its bytes hash to.
    pub sha256: Sha256,
}

/// Which recordings are taken, by what they really are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingKinds {
    /// Whatever can be decoded.
    All,
    /// MPEG audio alone.
    Mp3,
}

impl RecordingKinds {
    /// Whether recordings of that media type are among them.
    pub fn include(self, media_type: &str) -> bool {
        match self {
            Self::All => true,
            Self::Mp3 => media_type == "audio/mpeg",
        }
    }
}

/// How long a recording may be, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DurationLimits {
    /// The shortest.
    pub min: Duration,
    /// The longest.
    pub max: Duration,
}

impl Default for DurationLimits {
    fn default() -> Self {
        Self { min: Duration::from_secs(10), max: Duration::from_hours(2) }
    }
}

/// The recording is too short or too long.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "the recording must be between {} and {} seconds long; this one is {:.2} seconds long",
    limits.min.as_secs(), limits.max.as_secs(), duration.as_secs_f64()
)]
pub struct DurationOutOfRange {
    /// What is allowed.
    pub limits: DurationLimits,
    /// What was measured.
    pub duration: Duration,
}

impl DurationLimits {
    /// Accepts a duration within the limits. The upper one yields by a thousandth: recordings that were cut or joined
    /// without being encoded anew are longer than they were meant to be, by milliseconds at each joint.
    pub fn check(self, duration: Duration) -> Result<(), DurationOutOfRange> {
        if duration >= self.min && duration <= self.max.saturating_add(self.max / 1000) {
            Ok(())
        } else {
            Err(DurationOutOfRange { limits: self, duration })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_are_checked_for_their_form() {
        for tag in ["en", "ru-RU", "zh-Hant-TW"] {
            assert!(Language::parse(tag).is_ok(), "{tag}");
        }
        for tag in ["", "e", "en_US", "en-", "../etc", "en us", "абв", "toolongsubtag"] {
            assert!(Language::parse(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn mp3s_are_told_from_others() {
        for (kinds, media_type, included) in [
            (RecordingKinds::All, "audio/mpeg", true),
            (RecordingKinds::All, "audio/wav", true),
            (RecordingKinds::Mp3, "audio/mpeg", true),
            (RecordingKinds::Mp3, "audio/wav", false),
        ] {
            assert_eq!(kinds.include(media_type), included, "{kinds:?} {media_type}");
        }
    }

    #[test]
    fn both_limits_are_allowed_and_joints_may_add_a_little() {
        let limits = DurationLimits::default();
        assert_eq!(limits.check(Duration::from_secs(10)), Ok(()));
        assert_eq!(limits.check(Duration::from_hours(2)), Ok(()));
        assert_eq!(limits.check(Duration::from_millis(7_207_200)), Ok(()));
        assert!(limits.check(Duration::from_millis(7_207_201)).is_err());
        let error = limits.check(Duration::from_millis(9_990)).map_err(|e| e.to_string());
        assert_eq!(
            error.unwrap_err(),
            "the recording must be between 10 and 7200 seconds long; this one is 9.99 seconds long"
        );
    }

    #[test]
    fn a_digest_is_shown_in_hex() {
        assert_eq!(Sha256([0xab; 32]).to_string(), "ab".repeat(32));
    }
}
