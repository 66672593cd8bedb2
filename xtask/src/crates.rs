//! Programs that cargo builds from crates.io, under `target/tools`, each once.

use std::path::{Path, PathBuf};

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
}

/// An S3 server that keeps objects as files.
pub(crate) const S3S_FS: Program =
    Program { name: "s3s-fs", version: lectern_services::S3::VERSION, features: "binary" };

/// Makes sure that the program is there, and answers where.
pub(crate) fn provide(wanted: &Program) -> Outcome<PathBuf> {
    let folder = root().join(FOLDER);
    let there = folder.join("bin").join(wanted.name);
    if is_of_version(&there, wanted.version) {
        return Ok(there);
    }
    println!("building {} {}, once, which takes some minutes", wanted.name, wanted.version);
    let Program { name, version, features } = wanted;
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
