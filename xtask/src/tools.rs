//! Programs that must be on the machine: found on `PATH`, else installed from Debian's packages when we may, else the
//! error is the command that installs them.

mod policy;

use std::{env, path::Path, process::Stdio};

use lectern_services::{ChromeDriver, Nginx, PostgreSql, RabbitMq, Redis};

use crate::{
    Outcome,
    programs::{output, program, run},
};

/// Something that must be installed.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Debian's package.
    package: &'static str,
    /// What shows that it's there.
    evidence: Evidence,
}

#[derive(Debug)]
enum Evidence {
    /// A program on `PATH`.
    Program(&'static str),
    /// A module that `python3` can import.
    PythonModule(&'static str),
    /// One of these folders.
    Folder(&'static [&'static str]),
    /// What those who start it look for.
    Installed(fn() -> bool),
}

/// Decodes what the server can't decode itself, and makes recordings for tests.
pub(crate) const FFMPEG: Tool = Tool { package: "ffmpeg", evidence: Evidence::Program("ffmpeg") };

/// Knows which files are the project's.
pub(crate) const GIT: Tool = Tool { package: "git", evidence: Evidence::Program("git") };

/// What the README's commands talk to the server with.
pub(crate) const CURL: Tool = Tool { package: "curl", evidence: Evidence::Program("curl") };

/// What the way from other systems writes to the database with.
pub(crate) const SQLITE: Tool = Tool { package: "sqlite3", evidence: Evidence::Program("sqlite3") };

/// Starts a program that ends with the one that started it.
pub(crate) const SETPRIV: Tool = Tool { package: "util-linux", evidence: Evidence::Program("setpriv") };

/// Mounts the small file systems that tests fill.
pub(crate) const MOUNT: Tool = Tool { package: "mount", evidence: Evidence::Program("mount") };

/// Gives a command mounts of its own.
pub(crate) const UNSHARE: Tool = Tool { package: "util-linux", evidence: Evidence::Program("unshare") };

/// Makes a bare Debian.
pub(crate) const DEBOOTSTRAP: Tool =
    Tool { package: "debootstrap", evidence: Evidence::Program("debootstrap") };

/// Leaves out of a binary what only debuggers read.
pub(crate) const STRIP: Tool = Tool { package: "binutils", evidence: Evidence::Program("strip") };

/// Judges the unit of the service.
pub(crate) const SYSTEMD: Tool = Tool { package: "systemd", evidence: Evidence::Program("systemd-analyze") };

/// The recogniser that needs no download.
pub(crate) const POCKETSPHINX: Tool =
    Tool { package: "pocketsphinx", evidence: Evidence::Program("pocketsphinx_continuous") };

/// Its model of American English.
pub(crate) const POCKETSPHINX_MODEL: Tool = Tool {
    package: "pocketsphinx-en-us",
    evidence: Evidence::Folder(&[
        "/usr/share/pocketsphinx/model/en-us",
        "/usr/local/share/pocketsphinx/model/en-us",
        "/opt/homebrew/share/pocketsphinx/model/en-us",
    ]),
};

/// The scaled profile's database.
pub(crate) const POSTGRESQL: Tool =
    Tool { package: "postgresql", evidence: Evidence::Installed(PostgreSql::is_installed) };

/// Its cache.
pub(crate) const REDIS: Tool =
    Tool { package: "redis-server", evidence: Evidence::Installed(Redis::is_installed) };

/// Its queue.
pub(crate) const RABBITMQ: Tool =
    Tool { package: "rabbitmq-server", evidence: Evidence::Installed(RabbitMq::is_installed) };

/// Its load balancer.
pub(crate) const NGINX: Tool =
    Tool { package: "nginx-light", evidence: Evidence::Installed(Nginx::is_installed) };

/// The browser of the tests of pages.
pub(crate) const CHROMIUM: Tool = Tool { package: "chromium", evidence: Evidence::Program("chromium") };

/// What starts it for them.
pub(crate) const CHROMEDRIVER: Tool =
    Tool { package: "chromium-driver", evidence: Evidence::Installed(ChromeDriver::is_installed) };

/// A Python that can make virtual environments: Debian's alone can't.
pub(crate) const PYTHON: Tool =
    Tool { package: "python3-venv", evidence: Evidence::PythonModule("ensurepip") };

/// How missing packages get onto the machine.
#[derive(Debug, PartialEq, Eq)]
enum Remedy {
    /// We install them.
    Install,
    /// Somebody else must, and this says how.
    Ask(String),
}

/// Makes sure that all `tools` are there.
pub(crate) fn provide(tools: &[Tool]) -> Outcome {
    let missing = missing(tools);
    if missing.is_empty() {
        return Ok(());
    }
    match remedy(&missing, is_on_path("apt-get"), is_root()) {
        Remedy::Ask(what) => return Err(what.into()),
        Remedy::Install => install(&missing)?,
    }
    match self::missing(tools).as_slice() {
        [] => Ok(()),
        // A distribution's package may have another version than the one that we know.
        still => Err(format!("installed, but without what is needed of them: {}", still.join(" ")).into()),
    }
}

/// Whether we may install packages and mount file systems.
pub(crate) fn is_root() -> bool {
    output(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The packages of the tools that are not there.
fn missing(tools: &[Tool]) -> Vec<&'static str> {
    tools.iter().filter(|tool| !is_there(tool)).map(|tool| tool.package).collect()
}

fn is_there(tool: &Tool) -> bool {
    match tool.evidence {
        Evidence::Program(name) => is_on_path(name),
        Evidence::PythonModule(name) => can_import(name),
        Evidence::Folder(folders) => folders.iter().any(|folder| Path::new(folder).is_dir()),
        Evidence::Installed(is_installed) => is_installed(),
    }
}

fn is_on_path(name: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(name).is_file()))
}

fn can_import(module: &str) -> bool {
    let mut python = program("python3");
    python.args(["-c", &format!("import {module}")]).stderr(Stdio::null());
    python.status().is_ok_and(|status| status.success())
}

fn remedy(missing: &[&str], apt_is_there: bool, is_root: bool) -> Remedy {
    let packages = missing.join(" ");
    match (apt_is_there, is_root) {
        (true, true) => Remedy::Install,
        (true, false) => Remedy::Ask(format!(
            "missing: {packages}. Install with\n\n    sudo apt-get update && sudo apt-get install --yes {packages}\n"
        )),
        (false, _) => Remedy::Ask(format!(
            "missing: {packages}. These are Debian's names; install the same with this system's package manager."
        )),
    }
}

fn install(packages: &[&str]) -> Outcome {
    println!("installing {}", packages.join(" "));
    // Debian starts servers as it installs them, and ours bring their own.
    let _nothing_starts = policy::nothing_starts(Path::new("/usr/sbin"))?;
    let apt = |arguments: &[&str]| {
        run(program("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            // Another apt may be at work, as on machines that update themselves after booting.
            .args(["--quiet", "-o", "DPkg::Lock::Timeout=300"])
            .args(arguments))
    };
    apt(&["update"])?;
    apt(&[&["install", "--yes", "--no-install-recommends"], packages].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_for_on_the_path() {
        assert!(is_on_path("sh"));
        assert!(!is_on_path("no-such-program"));
    }

    #[test]
    fn a_module_that_is_not_there_is_no_evidence() {
        assert!(!can_import("no_such_module"));
    }

    #[test]
    fn a_folder_that_exists_is_evidence() {
        let tool = |folders| Tool { package: "p", evidence: Evidence::Folder(folders) };
        assert!(is_there(&tool(&["/no/such/folder", "/"])));
        assert!(!is_there(&tool(&["/no/such/folder"])));
    }

    #[test]
    fn root_on_debian_gets_the_packages_installed() {
        assert_eq!(remedy(&["ffmpeg"], true, true), Remedy::Install);
    }

    #[test]
    fn others_on_debian_are_told_the_exact_command() {
        let Remedy::Ask(what) = remedy(&["ffmpeg", "pocketsphinx"], true, false) else {
            panic!("it installs")
        };
        assert!(
            what.contains("sudo apt-get update && sudo apt-get install --yes ffmpeg pocketsphinx\n"),
            "{what}"
        );
    }

    #[test]
    fn elsewhere_the_packages_are_named() {
        let Remedy::Ask(what) = remedy(&["ffmpeg", "pocketsphinx"], false, true) else {
            panic!("it installs")
        };
        assert!(what.contains("ffmpeg pocketsphinx"), "{what}");
    }
}
