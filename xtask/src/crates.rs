//! Programs from crates.io: found where a variable says, or on `PATH`, else built under `target/tools`, each once.

use std::{
    env,
    path::{Path, PathBuf},
};

use lectern_services::S3;

use crate::{
    Outcome,
    programs::{cargo, output, program, root, run},
};

/// Where, from the workspace's root.
const FOLDER: &str = "target/tools";

/// A program, pinned.
pub(crate) struct Program {
    /// Both the crate's and the program's.
    name: &'static str,
    version: &'static str,
    features: &'static str,
    /// Says where it is, for whoever has it elsewhere.
    variable: &'static str,
}

/// An S3 server that keeps objects as files.
pub(crate) const S3S_FS: Program =
    Program { name: "s3s-fs", version: S3::VERSION, features: "binary", variable: S3::PROGRAM_VARIABLE };

/// Makes sure that the program is there, and answers where.
pub(crate) fn provide(wanted: &Program) -> Outcome<PathBuf> {
    let Program { name, version, features, variable } = wanted;
    let folder = root().join(FOLDER);
    let there = folder.join("bin").join(name);
    let path = env::var_os("PATH").unwrap_or_default();
    let named = env::var_os(variable).map(PathBuf::from);
    let mut places = named
        .into_iter()
        .chain(env::split_paths(&path).map(|folder| folder.join(name)))
        .chain([there.clone()]);
    if let Some(found) = places.find(|place| is_of_version(place, version)) {
        return Ok(found);
    }
    println!("building {name} {version}, once, which takes some minutes");
    let install = ["install", name, "--version", version, "--locked", "--features", features, "--force"];
    run(cargo(install).arg("--root").arg(&folder))?;
    Ok(there)
}

fn is_of_version(there: &Path, version: &str) -> bool {
    there.is_file() && output(program(there).arg("--version")).is_ok_and(|said| names(&said, version))
}

/// Whether what `--version` says names that version.
fn names(said: &str, version: &str) -> bool {
    said.split_whitespace().any(|word| word == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_built_again_when_another_version_is_wanted() {
        assert!(names("s3s-fs 0.14.1\n", "0.14.1"));
        assert!(!names("s3s-fs 0.14.1\n", "0.14"));
        assert!(!names("s3s-fs 0.14.10\n", "0.14.1"));
    }

    #[test]
    fn a_program_that_is_not_there_is_of_no_version() {
        assert!(!is_of_version(Path::new("/no/such/program"), "0.14.1"));
    }
}
