//! Backups: whether there is a new one, and whether the next can be taken.

use std::{path::Path, time::Duration};

use lectern_application::ports::{Clock as _, StoredBackup};
use lectern_domain::time::Timestamp;
use lectern_security_adapter::SystemClock;

use super::{Finding, chain};
use crate::{
    compose::BackupUseCases,
    config::{BackupSettings, DatabaseUrl, Settings},
};

const CHECK: &str = "backups";
/// A night that was missed shows the next noon.
const OLD: Duration = Duration::from_hours(36);

/// Looks at the folder, and at what dumps the database.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    match BackupUseCases::new(settings, None) {
        Ok(backups) => {
            let newest = backups.latest().execute().await;
            findings.push(match newest {
                Ok(newest) => age(&settings.backups, newest.as_ref(), SystemClock.now()),
                Err(error) => Finding::problem(CHECK, chain(&error), "Check its owner and permissions."),
            });
            if let DatabaseUrl::Postgres(_) = settings.database {
                findings.push(programs(&settings.backups, &backups).await);
            }
        }
        Err(failure) => {
            findings.push(Finding::problem(CHECK, failure.to_string(), "Check the database's URL."));
        }
    }
    findings.extend(writable(&settings.backups.folder));
    findings
}

/// Without the schedule, somebody else may take them.
fn age(settings: &BackupSettings, newest: Option<&StoredBackup>, now: Timestamp) -> Finding {
    const FIX: &str = "Look for COULD NOT TAKE A BACKUP in the server's log, and run: lectern backup";
    let folder = settings.folder.display();
    match (newest, settings.at) {
        (None, Some(at)) => {
            Finding::ok(CHECK, format!("there is none in {folder} yet; the server takes one at {at} UTC"))
        }
        (None, None) => Finding::warning(
            CHECK,
            format!("there is none in {folder}, and the server takes none"),
            "Set LECTERN_BACKUP_AT, or have something run `lectern backup` every night.",
        ),
        (Some(newest), at) => {
            let age = now.since(newest.taken_at);
            let what =
                format!("the newest, {}, is {} hours old", newest.path.display(), age.as_secs() / 3600);
            if age < OLD {
                Finding::ok(CHECK, what)
            } else if at.is_some() {
                Finding::warning(CHECK, format!("{what}, unless another replica keeps newer ones"), FIX)
            } else {
                Finding::warning(CHECK, what, "Have something run `lectern backup` every night.")
            }
        }
    }
}

/// `pg_dump`, and its version.
async fn programs(settings: &BackupSettings, backups: &BackupUseCases) -> Finding {
    const CHECK: &str = "pg_dump";
    const FIX: &str = "Until then no backup can be taken.";
    match (backups.dumps().check().await, settings.at) {
        (Ok(what), _) => Finding::ok(CHECK, what),
        (Err(error), Some(_)) => Finding::problem(CHECK, chain(&error), FIX),
        (Err(error), None) => Finding::warning(CHECK, chain(&error), FIX),
    }
}

/// Whether the folder, or where it is to be made, can be written to.
fn writable(folder: &Path) -> Option<Finding> {
    // One that is not there yet is made in the nearest that is.
    let folder = std::path::absolute(folder).ok()?;
    let there = folder.ancestors().find(|folder| folder.exists())?;
    let error =
        rustix::fs::access(there, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).err()?;
    let what = format!("{} can't be written to: {}", there.display(), std::io::Error::from(error));
    Some(Finding::problem(CHECK, what, "Check its owner and permissions, or set LECTERN_BACKUP_DIR."))
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;
    use crate::doctor::Verdict;

    const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

    fn settings(at: Option<&str>) -> BackupSettings {
        BackupSettings {
            folder: "/backups".into(),
            at: at.map(|at| at.parse().unwrap()),
            keep: NonZeroUsize::MIN,
        }
    }

    fn verdict(at: Option<&str>, hours: Option<u64>) -> Verdict {
        let newest = hours.map(|hours| StoredBackup {
            path: "/backups/lectern-1.tar".into(),
            taken_at: NOW.minus(Duration::from_hours(hours)),
            bytes: 1,
        });
        age(&settings(at), newest.as_ref(), NOW).verdict
    }

    #[test]
    fn an_old_backup_is_a_warning() {
        assert_eq!(verdict(Some("03:00"), Some(30)), Verdict::Ok);
        assert_eq!(verdict(Some("03:00"), Some(40)), Verdict::Warning);
        assert_eq!(verdict(None, Some(40)), Verdict::Warning);
    }

    #[test]
    fn no_backup_is_a_warning_where_none_will_be_taken() {
        assert_eq!(verdict(Some("03:00"), None), Verdict::Ok);
        assert_eq!(verdict(None, None), Verdict::Warning);
    }

    #[test]
    fn a_folder_that_is_not_there_can_be_made() {
        let parent = tempfile::TempDir::new().unwrap();
        assert_eq!(writable(&parent.path().join("a/b")), None);
    }
}
