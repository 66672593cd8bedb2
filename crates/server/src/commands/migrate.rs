//! `lectern migrate`.

use lectern_application::ports::{MigrationError, MigrationState, Schema};

use super::block_on;
use crate::{
    cli::Direction,
    compose::{Database, alone_with},
    config::Settings,
    failure::Failure,
    output,
};

pub(super) fn run(direction: Direction, settings: &Settings) -> Result<(), Failure> {
    // A server that runs would lose its tables under its feet. To look does no harm.
    let _locked = match direction {
        Direction::Up | Direction::Down | Direction::Redo => alone_with(settings)?,
        Direction::Status => Vec::new(),
    };
    let lines = block_on(async {
        let database = Database::open(settings).await?;
        let lines = migrate(direction, database.schema.as_ref()).await;
        lines.map_err(|error| Failure::operation("can't migrate").because(error))
    })?;
    lines.iter().try_for_each(|line| output::line(line))
}

/// What was done, or what there is.
async fn migrate(direction: Direction, database: &dyn Schema) -> Result<Vec<String>, MigrationError> {
    let one = |verb: &str, name: Option<String>| {
        vec![name.map_or_else(|| "nothing to undo".to_owned(), |name| format!("{verb} {name}"))]
    };
    Ok(match direction {
        Direction::Up => {
            let applied = database.migrate_up().await?;
            if applied.is_empty() {
                vec!["nothing to apply".to_owned()]
            } else {
                applied.iter().map(|name| format!("applied {name}")).collect()
            }
        }
        Direction::Down => one("undid", database.migrate_down().await?),
        Direction::Redo => one("applied again", database.migrate_redo().await?),
        Direction::Status => {
            let shown = |state| match state {
                MigrationState::Applied => "applied",
                MigrationState::Pending => "pending",
            };
            let all = database.migration_status().await?;
            all.iter().map(|migration| format!("{} {}", shown(migration.state), migration.name)).collect()
        }
    })
}
