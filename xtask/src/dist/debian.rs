//! A Debian with nothing installed, made once under `target` by debootstrap.

use std::{fs, path::PathBuf, process::Command};

use crate::{
    Outcome,
    programs::{output, program, root, run},
    tools::{self, DEBOOTSTRAP, MOUNT, UNSHARE},
};

/// The release, where this machine has none that its programs are made for.
const RELEASE: &str = "bookworm";
const ENTER: &str = include_str!("enter.sh");
/// The folders that are put into it.
const MOUNTED: [&str; 2] = ["opt/lectern", "data"];

/// One, with some programs in it, and a folder that a user can write to.
pub(super) struct Debian {
    pub(super) system: PathBuf,
    /// Shown as `/opt/lectern`, which programs are looked for in first.
    pub(super) programs: PathBuf,
    /// Shown as `/data`.
    pub(super) data: PathBuf,
    /// `user:group`, as numbers.
    pub(super) user: String,
}

impl Debian {
    /// A command in it, with these variables, `NAME=value`, and no others. It replaces this process's child, so that signals reach it.
    pub(super) fn command(&self, environment: &[String], command: &[String]) -> Command {
        let mut enter = program("unshare");
        enter.args(["--mount", "sh", "-c", ENTER, "enter"]);
        enter
            .args([&self.system, &self.programs, &self.data])
            .arg(&self.user)
            .args(environment)
            .args(command);
        enter
    }

    /// Gives the folder to the user.
    pub(super) fn give_data(&self) -> Outcome {
        run(program("chown").arg(&self.user).arg(&self.data))?;
        run(program("chmod").arg("0700").arg(&self.data))
    }
}

/// Makes sure that there is one, and answers where.
pub(super) fn provide() -> Outcome<PathBuf> {
    if !tools::is_root() {
        return Err(
            "only root can make a system to try the archive in: run this as root, or without --check".into(),
        );
    }
    tools::provide(&[DEBOOTSTRAP, MOUNT, UNSHARE])?;
    let release = release(&fs::read_to_string("/etc/os-release").unwrap_or_default());
    let there = root().join("target").join(format!("debian-{release}"));
    if there.is_dir() {
        return Ok(there);
    }
    println!("making a bare Debian {release}, once");
    // Made elsewhere, so that what is there is whole.
    let making = there.with_extension("partial");
    if making.exists() {
        fs::remove_dir_all(&making)?;
    }
    let log = there.with_extension("log");
    // In a mount namespace of its own: what debootstrap mounts there is gone with it, even where it is stopped halfway.
    let made = program("unshare")
        .args(["--mount", "debootstrap", "--variant=minbase", &release])
        .arg(&making)
        .stdout(fs::File::create(&log)?)
        .status()
        .map_err(|error| format!("can't run unshare: {error}"))?;
    if !made.success() {
        return Err(format!("debootstrap failed ({made}), and says why in {}", log.display()).into());
    }
    for folder in MOUNTED {
        fs::create_dir_all(making.join(folder))?;
    }
    // What was downloaded is not needed any more.
    for empty in ["var/cache/apt", "var/lib/apt/lists"] {
        fs::remove_dir_all(making.join(empty))?;
    }
    fs::rename(&making, &there)?;
    Ok(there)
}

/// Which release this machine's programs are made for, by `/etc/os-release`.
fn release(system: &str) -> String {
    let value = |name: &str| system.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    match (value("ID"), value("VERSION_CODENAME")) {
        (Some("debian"), Some(release)) => release.to_owned(),
        _ => RELEASE.to_owned(),
    }
}

/// What a program says in it.
pub(super) fn said(debian: &Debian, environment: &[String], command: &[&str]) -> Outcome<String> {
    let command: Vec<_> = command.iter().map(|word| (*word).to_owned()).collect();
    output(&mut debian.command(environment, &command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_debian_it_is_the_same_release() {
        assert_eq!(release("ID=debian\nVERSION_CODENAME=trixie\n"), "trixie");
        assert_eq!(release("ID=ubuntu\nVERSION_CODENAME=noble\n"), RELEASE);
        assert_eq!(release(""), RELEASE);
    }
}
