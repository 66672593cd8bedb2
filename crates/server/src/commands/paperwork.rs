//! `lectern completions` and `lectern man`: what shells and readers want to know of the command line.

use std::io;

use clap::CommandFactory as _;

use crate::{
    cli::{Cli, CompletionsArguments, ManArguments},
    failure::Failure,
    output,
};

/// Prints a script that completes commands.
pub(super) fn completions(arguments: &CompletionsArguments) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "lectern", &mut script);
    output::result(&script)
}

/// Writes a page for the program and one for each command.
pub(super) fn man(arguments: &ManArguments) -> Result<(), Failure> {
    let folder = &arguments.folder;
    if !folder.is_dir() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        return Err(Failure::operation(format!("can't write into {}", folder.display())).because(missing));
    }
    clap_mangen::generate_to(Cli::command(), folder)
        .map_err(|error| Failure::operation(format!("can't write into {}", folder.display())).because(error))
}
