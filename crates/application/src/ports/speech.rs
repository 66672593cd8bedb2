//! Speech to text.

use std::time::Duration;

use async_trait::async_trait;
use lectern_domain::transcription::Language;

use super::Source;

/// What a recogniser is to listen to.
#[derive(Debug, Clone, PartialEq)]
pub struct Speech {
    /// 16 kHz mono samples in -1.0..=1.0.
    pub samples: Vec<f32>,
    /// The language spoken, if it is known.
    pub language: Option<Language>,
}

/// A stretch of speech that was understood; times count from the first sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// When it starts.
    pub start: Duration,
    /// When it ends, not before it starts.
    pub end: Duration,
    /// What was said.
    pub text: String,
}

/// Why nothing was understood. Silence is not an error.
#[derive(Debug, thiserror::Error)]
pub enum RecognizerError {
    /// Its program or model is not there.
    #[error("the recogniser {name} is not installed: {fix}")]
    NotInstalled {
        /// The recogniser.
        name: String,
        /// What to do about it.
        fix: String,
    },
    /// It was there, and failed. The detail is for operators.
    #[error("the recogniser {name} failed: {detail}")]
    Failed {
        /// The recogniser.
        name: String,
        /// The end of what it printed, or what was wrong with it.
        detail: String,
        /// What was met.
        #[source]
        source: Option<Source>,
    },
}

/// Turns speech into text.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Recognizer: Send + Sync {
    /// What to call it.
    fn name(&self) -> String;

    /// Recognises speech. Utterances MUST come in the order of their start times and lie within the samples. When the
    /// future is dropped, the work MUST end at once, child processes included.
    async fn recognize(&self, speech: Speech) -> Result<Vec<Utterance>, RecognizerError>;
}
