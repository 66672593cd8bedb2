//! `cargo xtask db`: the database that `cargo xtask up` serves.

use clap::Subcommand;

use crate::{
    Outcome,
    programs::{Profile, build_lectern, program, run as run_program},
};

/// What to do with it.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum Step {
    /// Makes it, or brings it up to date
    Init,
    /// Removes it, with all accounts and transcripts
    Drop {
        /// Yes, all of it
        #[arg(long)]
        yes: bool,
    },
}

/// Does it.
pub(crate) fn run(step: Step) -> Outcome {
    let lectern = build_lectern(Profile::Dev)?;
    let arguments: &[&str] = match step {
        Step::Init => &["db", "init"],
        Step::Drop { yes: true } => &["db", "drop", "--yes"],
        Step::Drop { yes: false } => &["db", "drop"],
    };
    run_program(program(lectern).args(arguments))
}
