//! `cargo xtask seed`: something to look at in the database that `cargo xtask up` serves.

use crate::{
    Outcome,
    programs::{Profile, build_lectern, program, run as run_program},
};

/// What to add.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct What {
    /// Add accounts, devices, balances and transcripts; their passwords are printed
    #[arg(long)]
    demo: bool,
    /// Do that even where there are other accounts
    #[arg(long, requires = "demo")]
    yes: bool,
}

/// Adds it, whether or not the server runs.
pub(crate) fn run(what: What) -> Outcome {
    let lectern = build_lectern(Profile::Dev)?;
    let flags = [(what.demo, "--demo"), (what.yes, "--yes")];
    let flags = flags.into_iter().filter_map(|(given, flag)| given.then_some(flag));
    run_program(program(lectern).arg("seed").args(flags))
}
