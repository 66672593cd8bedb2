//! Any program as a recogniser, by a command line such as
//! `whisper-cli --no-prints --model ggml-base.bin --language {language} --file {wav}`.

mod output;
mod subtitles;

use async_trait::async_trait;
use lectern_application::ports::{Recognizer, RecognizerError, Speech, Utterance};

use crate::{
    child::{self, Program},
    host::Host,
    launcher::Launcher,
    timeline,
};

const FIX: &str = "install it, or correct the recogniser's command in the configuration";
/// Stands for the path of the recording.
const WAV: &str = "{wav}";
/// Stands for the language tag.
const LANGUAGE: &str = "{language}";
/// The language of speech in an unknown language, as whisper-cli calls it.
const ANY_LANGUAGE: &str = "auto";

/// Why a command line can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// A quote is not closed, or nothing follows a backslash.
    #[error("the recogniser's command has a quote that is not closed")]
    Quoting,
    /// There is no program in it.
    #[error("the recogniser's command is empty")]
    Empty,
    /// The program would not learn where the recording is.
    #[error("the recogniser's command must contain {WAV}, which stands for the recording's path")]
    NoRecording,
}

/// A program that prints what was said. Its output may be
///
/// - JSON: `{"segments": [{"start": s, "end": s, "text": "…"}]}` or the array alone, times in seconds, or
///   `{"transcription": [{"offsets": {"from": ms, "to": ms}, "text": "…"}]}` as of whisper.cpp;
/// - subtitles: SubRip, WebVTT, or the lines `[00:00:00.000 --> 00:00:02.000] …` that whisper.cpp prints;
/// - plain text, which becomes one utterance over the whole recording.
#[derive(Debug, Clone)]
pub struct CommandRecognizer {
    program: String,
    arguments: Vec<String>,
    launcher: Launcher,
}

impl CommandRecognizer {
    /// Reads a command line, split into words as a POSIX shell does, but never run by one. In its arguments, `{wav}`
    /// stands for the path of the recording (16 kHz, mono, 16-bit PCM), and `{language}` for the language tag, or
    /// `auto` if the language is unknown.
    pub fn parse(command: &str, host: Host) -> Result<Self, CommandError> {
        let mut words = shlex::split(command).ok_or(CommandError::Quoting)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty()).ok_or(CommandError::Empty)?;
        let arguments: Vec<String> = words.collect();
        if !arguments.iter().any(|argument| argument.contains(WAV)) {
            return Err(CommandError::NoRecording);
        }
        Ok(Self { program, arguments, launcher: Launcher::new(host) })
    }

    /// Errs with [`RecognizerError::NotInstalled`] if the program is not there.
    pub fn check_installed(&self) -> Result<(), RecognizerError> {
        self.launcher.find(&self.program).map(|_| ()).ok_or_else(|| self.program().not_installed())
    }

    fn program(&self) -> Program<'_> {
        Program { name: &self.program, file: &self.program, fix: FIX }
    }
}

#[async_trait]
impl Recognizer for CommandRecognizer {
    fn name(&self) -> String {
        self.program.clone()
    }

    async fn recognize(&self, speech: Speech) -> Result<Vec<Utterance>, RecognizerError> {
        let duration = timeline::duration_of(&speech.samples);
        let language = speech.language.as_ref().map_or(ANY_LANGUAGE, |language| language.as_str());
        let arguments = |recording: &std::path::Path| {
            let recording = recording.to_string_lossy();
            let fill = |argument: &String| argument.replace(LANGUAGE, language).replace(WAV, &recording);
            self.arguments.iter().map(fill).collect()
        };
        let program = self.program();
        let outcome = child::run(&program, speech.samples, arguments, &self.launcher).await?;
        let utterances = output::parse(&outcome.into_output(&program)?, duration)
            .map_err(|source| program.failed("it printed JSON of an unknown form", Some(source.into())))?;
        Ok(timeline::tidy(utterances, duration))
    }
}
