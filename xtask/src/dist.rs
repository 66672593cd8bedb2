//! `cargo xtask dist`: the archive that people install from, and whether it runs where nothing else is.
//!
//! | module | what it does |
//! |---|---|
//! | `archive` | collects the files, and packs them so that the same commit gives the same bytes |
//! | `debian` | makes a Debian with nothing installed, and runs programs in it that can't write to it |
//! | `image` | reads from the Dockerfile how its image starts |
//! | `check` | what the archive has to do there |

mod archive;
mod check;
mod debian;
mod image;

use std::path::PathBuf;

use crate::{
    Outcome,
    programs::{Profile, build_lectern, output, program, root},
};

/// Where archives are made, from the workspace's root.
const FOLDER: &str = "target/packages";

/// How the binary is built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Build {
    /// As small and as fast as can be, which takes minutes.
    #[default]
    Dist,
    /// Quickly, as for tests.
    Dev,
}

/// Whether an archive is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trial {
    /// In a bare Debian.
    Yes,
    No,
}

/// Makes the archive, and tries it.
pub(crate) fn run(build: Build, trial: Trial) -> Outcome {
    let archive = make(build)?;
    match trial {
        Trial::Yes => check::run(&archive),
        Trial::No => Ok(()),
    }
}

fn make(build: Build) -> Outcome<PathBuf> {
    let binary = build_lectern(match build {
        Build::Dist => Profile::Dist,
        Build::Dev => Profile::Dev,
    })?;
    // An archive for tests never looks like one to hand out.
    let folder = root().join(FOLDER).join(if build == Build::Dev { "dev" } else { "" });
    let archive = archive::make(&binary, &folder, &archive::name(&host()?), archive::commit_time())?;
    println!("made {}", archive.display());
    Ok(archive)
}

/// What the compiler calls this machine.
fn host() -> Outcome<String> {
    let said = output(program("rustc").arg("-vV"))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc doesn't say what machine this is")?.to_owned())
}
