//! `lectern restore`.

use lectern_application::{
    MachineOperator,
    backups::{Replacing, RestoreBackupError},
};

use super::{backup::summary, block_on};
use crate::{
    cli::RestoreArguments,
    compose::{BackupUseCases, alone_with},
    config::Settings,
    failure::Failure,
    output, shutdown,
};

pub(super) fn run(arguments: &RestoreArguments, settings: &Settings) -> Result<(), Failure> {
    // A server that runs would lose its database under its feet.
    let _locked = alone_with(settings)?;
    let backups = BackupUseCases::new(settings, None)?;
    let replacing = if arguments.yes { Replacing::Anything } else { Replacing::Nothing };
    let restored = block_on(async {
        let stop = shutdown::on_signals()?;
        let (restore, operator) = (backups.restore(), MachineOperator::at_the_command_line());
        tokio::select! {
            restored = restore.execute(&operator, &arguments.file, replacing) => restored.map_err(refused),
            () = stop.cancelled() => Err(Failure::operation("interrupted before the database was replaced")),
        }
    })?;
    output::line(&format!("restored {}: {}", settings.database, summary(&restored.manifest)))?;
    if !restored.migrated.is_empty() {
        output::line(&format!("applied {} migrations", restored.migrated.len()))?;
    }
    if let Some(aside) = &restored.set_aside {
        output::line(&format!(
            "the former database is {aside} now; remove it when you don't need it any more"
        ))?;
    }
    output::line(
        "sessions of then go on if the keys that signed their tokens are in LECTERN_SECRETS_DIR; recordings are not part \
         of a backup: `lectern backup --verify` says which are missing",
    )
}

fn refused(error: RestoreBackupError) -> Failure {
    let fix = match &error {
        RestoreBackupError::NotEmpty { .. } | RestoreBackupError::Unreadable { .. } => {
            Some("To replace it, say so with --yes; it is kept under another name.")
        }
        RestoreBackupError::InUse { .. } => Some("Stop all servers and workers that use it first."),
        RestoreBackupError::Backup(_) | RestoreBackupError::Dump(_) => None,
    };
    let failure = Failure::operation("the database is as it was").because(error);
    match fix {
        Some(fix) => failure.fix(fix),
        None => failure,
    }
}
