//! How recordings are taken in and transcribed.

use std::time::Duration;

use lectern_application::transcriptions::UploadRules;
use lectern_domain::transcription::{DurationLimits, LeaseRules};
use lectern_speech_adapter::RecognizerKind;

use super::{
    ConfigError, Layers, keys,
    values::{choice, not_empty, seconds},
};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// How leases work that last as long as that setting says.
pub(super) fn leases(layers: &Layers, duration: keys::Key) -> Result<LeaseRules, ConfigError> {
    Ok(LeaseRules {
        duration: layers.required(duration, seconds(SECOND..=HOUR))?,
        error_delay: layers.required(keys::ERROR_DELAY_SECONDS, seconds(Duration::ZERO..=HOUR))?,
        ..LeaseRules::default()
    })
}

/// What recognises speech.
pub(super) fn recognizer(layers: &Layers) -> Result<RecognizerKind, ConfigError> {
    let command = layers.optional(keys::RECOGNIZER_COMMAND, not_empty)?;
    let kind = layers.required(
        keys::RECOGNIZER,
        choice(&[
            ("auto", RecognizerKind::Auto),
            ("pocketsphinx", RecognizerKind::PocketSphinx),
            ("command", RecognizerKind::Command(String::new())),
            ("none", RecognizerKind::None),
        ]),
    )?;
    match (kind, command) {
        (RecognizerKind::Command(_), Some(command)) => Ok(RecognizerKind::Command(command)),
        (RecognizerKind::Command(_), None) => {
            Err(ConfigError::Contradiction("the recognizer is 'command', but there is no recognizer_command"))
        }
        (_, Some(_)) => Err(ConfigError::Contradiction(
            "there is a recognizer_command, but the recognizer is not 'command', so it would not be used",
        )),
        (kind, None) => Ok(kind),
    }
}

/// What is accepted, and how it is cut.
pub(super) fn uploads(layers: &Layers) -> Result<UploadRules, ConfigError> {
    let durations = DurationLimits {
        min: layers.required(keys::MIN_AUDIO_SECONDS, seconds(Duration::ZERO..=DAY))?,
        max: layers.required(keys::MAX_AUDIO_SECONDS, seconds(SECOND..=DAY))?,
    };
    if durations.min > durations.max {
        return Err(ConfigError::Contradiction("min_audio_seconds is more than max_audio_seconds"));
    }
    let chunk_size = layers.required(keys::CHUNK_SECONDS, seconds(SECOND..=HOUR))?;
    Ok(UploadRules { durations, chunk_size, ..UploadRules::default() })
}
