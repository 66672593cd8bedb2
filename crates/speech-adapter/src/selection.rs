//! Which recogniser to use.

use std::sync::Arc;

use lectern_application::ports::{Recognizer, RecognizerError};

use crate::{
    command::{CommandError, CommandRecognizer},
    host::Host,
    pocketsphinx::PocketSphinx,
};

/// What the configuration asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RecognizerKind {
    /// Whatever is installed.
    #[default]
    Auto,
    /// PocketSphinx.
    PocketSphinx,
    /// A program by its command line; see [`CommandRecognizer::parse`].
    Command(String),
    /// None: other workers recognise.
    None,
}

/// What came of it.
pub enum Selection {
    /// A recogniser.
    Recognizer(Arc<dyn Recognizer>),
    /// None, as asked for.
    None,
    /// None, because nothing is installed: jobs stay queued until a worker with a recogniser comes.
    NothingInstalled {
        /// What to do about it.
        fix: String,
    },
}

/// Why the recogniser that was asked for can't be used.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// It is not installed.
    #[error(transparent)]
    Recognizer(#[from] RecognizerError),
    /// Its command line is wrong.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// The recogniser that is asked for, if it is installed.
pub fn select(kind: &RecognizerKind, host: Host) -> Result<Selection, SelectionError> {
    match kind {
        RecognizerKind::Auto => Ok(match PocketSphinx::new(host) {
            Ok(recognizer) => Selection::Recognizer(Arc::new(recognizer)),
            Err(_not_installed) => Selection::NothingInstalled { fix: PocketSphinx::FIX.to_owned() },
        }),
        RecognizerKind::PocketSphinx => Ok(Selection::Recognizer(Arc::new(PocketSphinx::new(host)?))),
        RecognizerKind::Command(command) => {
            let recognizer = CommandRecognizer::parse(command, host)?;
            recognizer.check_installed()?;
            Ok(Selection::Recognizer(Arc::new(recognizer)))
        }
        RecognizerKind::None => Ok(Selection::None),
    }
}
