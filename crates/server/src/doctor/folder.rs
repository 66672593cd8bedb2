//! The data folder, and the secrets in it or elsewhere.

use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use super::{Finding, chain};

const CHECK: &str = "data folder";
/// A server soon runs into trouble with less.
const LOW_ROOM: u64 = 1024 * 1024 * 1024;
/// A server is in trouble with less.
const NO_ROOM: u64 = 100 * 1024 * 1024;

/// Looks at the folder, and at that of secrets.
pub(super) fn look(folder: &Path, secrets_dir: &Path) -> Vec<Finding> {
    let metadata = match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => metadata,
        Ok(_) => return vec![unusable(folder, "is no folder")],
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return vec![Finding::warning(
                CHECK,
                format!("{} is not there", folder.display()),
                "The server makes it when it first starts; if it has started, name its folder with --data-dir.",
            )];
        }
        Err(error) => return vec![unusable(folder, &error.to_string())],
    };
    vec![permissions(folder, &metadata), owner(folder, &metadata), secrets(secrets_dir), room(folder)]
}

fn unusable(folder: &Path, why: &str) -> Finding {
    let what = format!("{} can't be used: {why}", folder.display());
    Finding::problem(CHECK, what, "Check its owner and permissions, or name another with --data-dir.")
}

fn permissions(folder: &Path, metadata: &Metadata) -> Finding {
    let (shown, mode) = (folder.display(), metadata.mode() & 0o777);
    if mode | 0o700 == 0o700 {
        return Finding::ok(CHECK, format!("{shown} is its owner's alone"));
    }
    let what = format!("{shown} can be read or written by others (mode {mode:o})");
    Finding::problem(CHECK, what, format!("Run: chmod 700 {shown}"))
}

/// Files of another owner are left when a command was run as another user, such as root; the server can't use them.
fn owner(folder: &Path, metadata: &Metadata) -> Finding {
    const CHECK: &str = "owner";
    let of_others = entries(folder).and_then(|entries| {
        entries
            .into_iter()
            .filter_map(|path| match fs::symlink_metadata(&path) {
                Ok(entry) => (entry.uid() != metadata.uid()).then_some(Ok(path)),
                // It was removed meanwhile, as files beside a database are.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => Some(Err(error)),
            })
            .collect::<io::Result<Vec<_>>>()
    });
    match of_others {
        Err(error) => unusable(folder, &error.to_string()),
        Ok(of_others) if of_others.is_empty() => Finding::ok(CHECK, "all files belong to the folder's owner"),
        Ok(of_others) => {
            let shown =
                of_others.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
            let what = format!("the data folder's owner does not own {shown}");
            let fix = format!("Run, as root: chown -R --reference={0} {0}", folder.display());
            Finding::problem(CHECK, what, fix)
        }
    }
}

fn secrets(folder: &Path) -> Finding {
    const CHECK: &str = "secrets";
    let files = match entries(&folder.join("secrets")) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Finding::ok(CHECK, "none yet; the server makes them when it first starts");
        }
        Err(error) => {
            return Finding::problem(CHECK, chain(&error), "Check the folder's owner and permissions.");
        }
    };
    let is_exposed = |path: &PathBuf| fs::metadata(path).is_ok_and(|file| file.mode() & 0o077 != 0);
    let exposed: Vec<_> = files.iter().filter(|path| is_exposed(path)).collect();
    if exposed.is_empty() {
        return Finding::ok(CHECK, "their owner alone can read them");
    }
    let shown = exposed.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let fix = format!(
        "Run: chmod 600 {shown}; if others have users on this machine, remove them to have new ones made."
    );
    Finding::problem(CHECK, format!("others can read {shown}"), fix)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
}

fn room(folder: &Path) -> Finding {
    const CHECK: &str = "room";
    match rustix::fs::statvfs(folder) {
        Ok(volume) => room_left(volume.f_bavail.saturating_mul(volume.f_frsize)),
        Err(error) => Finding::problem(CHECK, chain(&error), "Check the volume that the data folder is on."),
    }
}

fn room_left(bytes: u64) -> Finding {
    const CHECK: &str = "room";
    const FIX: &str = "Make room on the volume of the data folder.";
    let what = format!("{} MiB are free", bytes / (1024 * 1024));
    if bytes < NO_ROOM {
        Finding::problem(CHECK, what, FIX)
    } else if bytes < LOW_ROOM {
        Finding::warning(CHECK, what, FIX)
    } else {
        Finding::ok(CHECK, what)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;
    use crate::doctor::Verdict;

    fn verdicts(folder: &Path) -> Vec<(&'static str, Verdict)> {
        let findings = look(folder, folder).into_iter().map(|finding| (finding.check, finding.verdict));
        findings.filter(|(check, _)| *check != "room").collect()
    }

    fn folder(mode: u32) -> TempDir {
        let folder = TempDir::new().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode)).unwrap();
        folder
    }

    #[test]
    fn a_folder_that_others_can_enter_is_a_problem() {
        for (mode, verdict) in [(0o700, Verdict::Ok), (0o750, Verdict::Problem), (0o701, Verdict::Problem)] {
            let folder = folder(mode);
            assert_eq!(verdicts(folder.path()).first(), Some(&(CHECK, verdict)), "{mode:o}");
        }
    }

    #[test]
    fn a_secret_that_others_can_read_is_named() {
        let folder = folder(0o700);
        let secret = folder.path().join("secrets/worker_token");
        fs::create_dir(folder.path().join("secrets")).unwrap();
        fs::write(&secret, "a secret of some length").unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(secrets(folder.path()).verdict, Verdict::Ok);
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o640)).unwrap();
        let found = secrets(folder.path());
        assert!(found.verdict == Verdict::Problem && found.what.contains("worker_token"), "{found}");
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_made() {
        let parent = TempDir::new().unwrap();
        let folder = parent.path().join("data");
        assert_eq!(verdicts(&folder), [(CHECK, Verdict::Warning)]);
        assert!(!folder.exists());
    }

    #[test]
    fn little_room_is_a_warning_and_hardly_any_a_problem() {
        let mib = |count: u64| room_left(count * 1024 * 1024).verdict;
        assert_eq!(
            [mib(99), mib(100), mib(1023), mib(1024)],
            [Verdict::Problem, Verdict::Warning, Verdict::Warning, Verdict::Ok]
        );
    }
}
