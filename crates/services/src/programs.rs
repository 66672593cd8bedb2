//! The servers' programs: where they are, and as whom they run.

use std::{
    env,
    ffi::OsStr,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{Error, Result};

/// The program of that name on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The program of that name on `PATH`, or else in one of the folders.
pub(crate) fn find(name: &str, folders: &[&Path], package: &str) -> Result<PathBuf> {
    on_path(name)
        .or_else(|| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file()))
        .ok_or_else(|| {
            Error::new(format!(
                "{name} is missing: install it (Debian: apt-get install {package}), or let `cargo xtask services` \
                 or `cargo xtask test` do so"
            ))
        })
}

/// Whether we are root, whom some servers refuse.
pub(crate) fn is_root() -> bool {
    // The owner of a process owns its folder there.
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// The user of that name if we are root, else nobody but ourselves.
pub(crate) fn user_for_root(name: &'static str) -> Option<&'static str> {
    is_root().then_some(name)
}

/// What `setpriv` is told in order to run something as that user, or as ourselves.
pub(crate) fn identity(user: Option<&str>) -> Vec<String> {
    user.map_or_else(Vec::new, |user| {
        vec![format!("--reuid={user}"), format!("--regid={user}"), "--init-groups".to_owned()]
    })
}

/// A program that is to run as that user, or as ourselves.
pub(crate) fn command_as(user: Option<&str>, program: &Path) -> Command {
    let Some(_) = user else { return Command::new(program) };
    let mut command = Command::new("setpriv");
    command.args(identity(user)).arg("--").arg(program);
    command
}

/// A new temporary folder for a server of that name, for that user alone.
pub(crate) fn folder(name: &str, user: Option<&str>) -> Result<TempDir> {
    let folder = tempfile::Builder::new()
        .prefix(&format!("lectern-{name}-"))
        .tempdir()
        .map_err(|error| Error::cannot("make a temporary folder", error))?;
    give(folder.path(), user)?;
    Ok(folder)
}

/// Makes a file or folder that user's.
pub(crate) fn give(path: &Path, user: Option<&str>) -> Result {
    let Some(user) = user else { return Ok(()) };
    run(Command::new("chown").arg(format!("{user}:")).arg(path))
}

/// Runs a program to its end. What it says is the error if it fails.
pub(crate) fn run(command: &mut Command) -> Result {
    let shown = command.get_program().to_string_lossy().into_owned();
    let shown = Path::new(&shown).file_name().and_then(OsStr::to_str).unwrap_or(&shown);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::cannot(format!("run {shown}"), error))?;
    if output.status.success() {
        return Ok(());
    }
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(Error::new(format!("{shown} failed ({}):\n{said}{complained}", output.status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_path() {
        assert!(find("sh", &[], "dash").unwrap().is_file());
    }

    #[test]
    fn a_program_is_found_in_a_folder_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("of-its-own"), "").unwrap();
        assert_eq!(find("of-its-own", &[folder.path()], "own").unwrap(), folder.path().join("of-its-own"));
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_the_package() {
        let error = find("no-such-program", &[], "the-package").unwrap_err().to_string();
        assert!(
            error.contains("no-such-program") && error.contains("apt-get install the-package"),
            "{error}"
        );
    }

    #[test]
    fn a_failing_program_is_an_error_with_what_it_said() {
        let error = run(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err().to_string();
        assert!(error.starts_with("sh failed (exit status: 3)") && error.ends_with("why\n"), "{error}");
    }
}
