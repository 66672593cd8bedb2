//! `lectern db`.

use lectern_sqlite_adapter::SqliteDatabase;

use super::block_on;
use crate::{
    cli::DatabaseStep, compose::open_database, config::Settings, failure::Failure, lock::Lock, output,
};

pub(super) fn run(step: DatabaseStep, settings: &Settings) -> Result<(), Failure> {
    if matches!(step, DatabaseStep::Drop { yes: false }) {
        return Err(Failure::usage("this removes all accounts and transcripts")
            .fix("If that is what you want, say so with --yes."));
    }
    // A server that runs would lose its tables under its feet.
    let _locked = (Lock::data_folder(&settings.data_dir)?, Lock::database(&settings.database)?);
    let file = settings.database.display();
    match step {
        DatabaseStep::Init => {
            let database = open_database(settings)?;
            let migrated = block_on(async {
                let migrated = database.migrate_up().await;
                migrated.map_err(|error| Failure::operation("can't migrate the database").because(error))
            })?;
            output::line(&if migrated.is_empty() {
                format!("{file} is there, and up to date")
            } else {
                format!("{file} is ready ({} migrations applied)", migrated.len())
            })
        }
        DatabaseStep::Drop { .. } => {
            let removed = SqliteDatabase::remove(&settings.database);
            let removed =
                removed.map_err(|error| Failure::operation(format!("can't remove {file}")).because(error))?;
            output::line(&if removed { format!("removed {file}") } else { format!("{file} is not there") })
        }
    }
}
