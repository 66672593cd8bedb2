//! `lectern backup`: takes one beside a server that runs, or tries one out.

use std::path::Path;

use lectern_application::{
    MachineOperator,
    backups::{LookAtRecordings, Occasion, RecordingsFound},
    ports::{Census, Manifest},
};
use lectern_domain::transcription::AudioKey;

use super::block_on;
use crate::{
    cli::BackupArguments,
    compose::{BackupUseCases, Database},
    config::Settings,
    failure::Failure,
    output, shutdown,
};

/// The most recordings of a kind that are named.
const SHOWN: usize = 10;

pub(super) fn run(arguments: &BackupArguments, settings: &Settings) -> Result<(), Failure> {
    let backups = BackupUseCases::new(settings, arguments.to.as_deref())?;
    let work = async {
        match &arguments.verify {
            Some(file) => {
                let closely =
                    if arguments.audio { LookAtRecordings::Contents } else { LookAtRecordings::Sizes };
                verify(&backups, settings, file.as_deref(), closely).await
            }
            None => take(&backups, settings).await,
        }
    };
    block_on(async {
        let stop = shutdown::on_signals()?;
        // Dropped, the work cleans up behind itself.
        tokio::select! {
            done = work => done,
            () = stop.cancelled() => Err(Failure::operation("interrupted; no backup was touched")),
        }
    })
}

async fn take(backups: &BackupUseCases, settings: &Settings) -> Result<(), Failure> {
    const WHAT: &str = "can't take a backup";
    if !settings.database.exists() {
        return Err(Failure::operation(format!("{WHAT}: there is no database {}", settings.database)));
    }
    // Whatever its schema is: before an update is a good time for a backup.
    let database = Database::open(settings).await?;
    let operator = MachineOperator::at_the_command_line();
    let taken = backups.take(database.transactions).execute(Occasion::Command(&operator)).await;
    let taken = taken.map_err(|error| Failure::operation(WHAT).because(error))?;
    let (path, bytes) = (taken.stored.path.display(), taken.stored.bytes);
    output::line(&format!("took {path} ({bytes} bytes): {}", summary(&taken.manifest)))?;
    output::line(&format!("{} recordings go with it, which are not in it", taken.recordings))?;
    let removed = taken.removed.iter();
    removed.map(|old| format!("removed {}", old.path.display())).try_for_each(|line| output::line(&line))
}

async fn verify(
    backups: &BackupUseCases,
    settings: &Settings,
    file: Option<&Path>,
    closely: LookAtRecordings,
) -> Result<(), Failure> {
    let verified = backups.verify(settings)?.execute(file, closely).await;
    let verified = verified.map_err(|error| {
        let shown = file.map_or_else(|| "the newest backup".to_owned(), |file| file.display().to_string());
        Failure::operation(format!("can't rely on {shown}")).because(error)
    })?;
    let manifest = &verified.manifest;
    output::line(&format!(
        "{} is whole and can be restored: taken {} by Lectern {}, {}",
        verified.file.display(),
        output::date(manifest.taken_at),
        manifest.lectern,
        summary(manifest),
    ))?;
    if !verified.to_migrate.is_empty() {
        let count = verified.to_migrate.len();
        output::line(&format!("it is of an earlier schema: restoring it applies {count} migrations"))?;
    }
    recordings(&verified.recordings, closely)
}

/// What became of the recordings.
fn recordings(found: &RecordingsFound, closely: LookAtRecordings) -> Result<(), Failure> {
    let sound = found.expected.saturating_sub(found.missing.len()).saturating_sub(found.changed.len());
    let compared = match closely {
        LookAtRecordings::Sizes => "by their sizes",
        LookAtRecordings::Contents => "byte for byte",
    };
    output::line(&format!("{sound} of {} recordings are there, compared {compared}", found.expected))?;
    for (what, keys) in [
        ("missing; perhaps deleted since", &found.missing),
        ("another than when the backup was taken", &found.changed),
    ] {
        for AudioKey(key) in keys.iter().take(SHOWN) {
            output::line(&format!("recording {key} is {what}"))?;
        }
        if keys.len() > SHOWN {
            output::line(&format!("and {} more", keys.len() - SHOWN))?;
        }
    }
    Ok(())
}

/// How much is in a backup, in a few words.
pub(super) fn summary(manifest: &Manifest) -> String {
    let census = &manifest.census;
    let rows: u64 = census.rows.values().sum();
    format!(
        "{} accounts, {} transcriptions, {} ledger entries that add up to {}, {rows} rows in all, schema {}",
        census.rows_of(Census::ACCOUNTS),
        census.rows_of("transcriptions"),
        census.rows_of(Census::LEDGER),
        census.ledger_sum,
        manifest.schema,
    )
}
