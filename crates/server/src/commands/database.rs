//! `lectern db`.

use super::block_on;
use crate::{cli::DatabaseStep, compose::Database, config::Settings, failure::Failure, lock::Lock, output};

pub(super) fn run(step: DatabaseStep, settings: &Settings) -> Result<(), Failure> {
    if matches!(step, DatabaseStep::Drop { yes: false }) {
        return Err(Failure::usage("this removes all accounts and transcripts")
            .fix("If that is what you want, say so with --yes."));
    }
    // A server that runs would lose its tables under its feet.
    let _locked = (Lock::data_folder(&settings.data_dir)?, settings.database.lock()?);
    let shown = &settings.database;
    match step {
        DatabaseStep::Init => {
            let migrated = block_on(async { Database::open(settings)?.migrate().await })?;
            output::line(&match migrated {
                0 => format!("{shown} is there, and up to date"),
                count => format!("{shown} is ready ({count} migrations applied)"),
            })
        }
        DatabaseStep::Drop { .. } => {
            let removed = Database::remove(&settings.database)?;
            output::line(&if removed { format!("removed {shown}") } else { format!("{shown} is not there") })
        }
    }
}
