//! `lectern config`: what can be said of the configuration, and written.

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::serve::require_secrets;
use crate::{
    config::{Flag, Layers, Settings, example, reference},
    failure::Failure,
    output,
};

/// Prints what is in force. By the time it runs, the configuration has passed.
pub(super) fn check(layers: &Layers, settings: &Settings) -> Result<(), Failure> {
    output::result(layers.report()?.as_bytes())?;
    for guessable in settings.guessable_secrets() {
        output::warning(&format!("{guessable}, so others can guess it"));
    }
    require_secrets(settings)
}

/// Prints the reference.
pub(super) fn docs() -> Result<(), Failure> {
    output::result(reference().as_bytes())
}

/// What becomes of a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Present {
    Stays,
    IsReplaced,
}

/// Writes the example, with what the flags set in force, for this user alone: secrets may be written into it.
pub(super) fn init(path: &Path, present: Present, given: &[Flag]) -> Result<(), Failure> {
    let text = example(given);
    if path == Path::new("-") {
        return output::result(text.as_bytes());
    }
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match present {
        Present::Stays => options.create_new(true),
        Present::IsReplaced => options.create(true).truncate(true),
    };
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    match written {
        Ok(()) => output::line(&format!("wrote {}", path.display())),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            Err(Failure::usage(format!("there is a {} already", path.display()))
                .fix("Name another path, or replace it by --force."))
        }
        Err(error) => Err(Failure::operation(format!("can't write {}", path.display())).because(error)),
    }
}
