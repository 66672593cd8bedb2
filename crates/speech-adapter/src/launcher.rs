//! Starts programs: found on the host, led by `setpriv` if it is there, and without the server's settings.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::host::Host;

/// What the names of the server's own settings begin with, among them secrets that are no business of a recogniser.
const SETTINGS: &str = "LECTERN_";
/// Makes `setpriv` ask the kernel to kill the program that follows when the server dies.
const DEATH_SIGNAL: [&str; 3] = ["--pdeathsig", "KILL", "--"];

/// A host, and what of it can start programs.
#[derive(Debug, Clone)]
pub(crate) struct Launcher {
    host: Host,
    /// The `setpriv` of util-linux. Others of this name, such as `BusyBox`'s, know of no death signal.
    setpriv: Option<PathBuf>,
}

impl Launcher {
    /// Tries `setpriv` once: it runs itself, which takes some milliseconds.
    pub(crate) fn new(host: Host) -> Self {
        let works = |setpriv: &PathBuf| {
            let mut trial = with_death_signal(setpriv, setpriv);
            trial.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            trial.status().is_ok_and(|status| status.success())
        };
        let setpriv = host.find("setpriv").filter(works);
        Self { host, setpriv }
    }

    /// Where recordings are put.
    pub(crate) fn scratch(&self) -> &Path {
        &self.host.scratch
    }

    /// The program's file, as a shell would find it.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        self.host.find(program)
    }

    /// A command that runs this file.
    pub(crate) fn command(&self, file: &Path) -> Command {
        match &self.setpriv {
            Some(setpriv) => with_death_signal(setpriv, file),
            None => without_settings(file),
        }
    }
}

fn with_death_signal(setpriv: &Path, file: &Path) -> Command {
    let mut command = without_settings(setpriv);
    command.args(DEATH_SIGNAL).arg(file);
    command
}

fn without_settings(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        if name.as_encoded_bytes().starts_with(SETTINGS.as_bytes()) {
            command.env_remove(name);
        }
    }
    command
}
