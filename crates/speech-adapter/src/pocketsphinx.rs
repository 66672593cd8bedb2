//! PocketSphinx 5prealpha, as Debian's packages `pocketsphinx` and `pocketsphinx-en-us` install it.
//!
//! It knows English only, so the language of the speech is not looked at. It takes 0.7 s to start, and then about a
//! seventh of the recording's duration.

mod words;

use async_trait::async_trait;
use lectern_application::ports::{Recognizer, RecognizerError, Speech, Utterance};

use crate::{
    child::{self, Program},
    host::Host,
    launcher::Launcher,
    timeline,
};

const PROGRAM: Program<'_> = Program {
    name: "PocketSphinx",
    file: "pocketsphinx_continuous",
    fix: "apt-get install pocketsphinx pocketsphinx-en-us",
};

/// What it prints if its model is not there.
const NO_MODEL: &str = "Acoustic model definition is not specified";

/// The recogniser `pocketsphinx_continuous`.
#[derive(Debug, Clone)]
pub struct PocketSphinx {
    launcher: Launcher,
}

impl PocketSphinx {
    /// The installed program; [`RecognizerError::NotInstalled`] if there is none.
    pub fn new(host: Host) -> Result<Self, RecognizerError> {
        host.find(PROGRAM.file).ok_or_else(|| PROGRAM.not_installed())?;
        Ok(Self { launcher: Launcher::new(host) })
    }

    /// What to do where it is not installed.
    pub(crate) const FIX: &'static str = PROGRAM.fix;
}

#[async_trait]
impl Recognizer for PocketSphinx {
    fn name(&self) -> String {
        PROGRAM.name.to_owned()
    }

    async fn recognize(&self, speech: Speech) -> Result<Vec<Utterance>, RecognizerError> {
        let duration = timeline::duration_of(&speech.samples);
        let arguments = |recording: &std::path::Path| {
            ["-infile", &recording.to_string_lossy(), "-time", "yes"].map(str::to_owned).into()
        };
        let outcome = child::run(&PROGRAM, speech.samples, arguments, &self.launcher).await?;
        if !outcome.status.success() && outcome.complaint.contains(NO_MODEL) {
            return Err(PROGRAM.not_installed());
        }
        let output = outcome.into_output(&PROGRAM)?;
        Ok(timeline::tidy(words::utterances(words::parse(&output)), duration))
    }
}
