//! `lectern db`.

use super::block_on;
use crate::{
    cli::DatabaseStep,
    compose::{Database, alone_with},
    config::Settings,
    failure::Failure,
    output,
};

pub(super) fn run(step: DatabaseStep, settings: &Settings) -> Result<(), Failure> {
    if matches!(step, DatabaseStep::Drop { yes: false }) {
        return Err(Failure::usage("this removes all accounts and transcripts")
            .fix("If that is what you want, say so with --yes."));
    }
    // A server that runs would lose its tables under its feet.
    let _locked = alone_with(settings)?;
    let shown = &settings.database;
    match step {
        DatabaseStep::Init => {
            let migrated = block_on(async { Database::open(settings).await?.migrate().await })?;
            output::line(&match migrated {
                0 => format!("{shown} is there, and up to date"),
                count => format!("{shown} is ready ({count} migrations applied)"),
            })
        }
        DatabaseStep::Drop { .. } => {
            let removed = block_on(Database::remove(settings))?;
            output::line(&if removed { format!("removed {shown}") } else { format!("{shown} is not there") })
        }
    }
}
