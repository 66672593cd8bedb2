//! Keeps Debian's packages from starting the servers that they install.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::Outcome;

/// The program that packages ask. 101: "action forbidden by policy".
const NAME: &str = "policy-rc.d";
const NOTHING_STARTS: &str = "#!/bin/sh\n# Only while `cargo xtask` installs packages.\nexit 101\n";

/// As long as it lives, packages start nothing.
#[derive(Debug)]
pub(super) struct Policy {
    /// What is to be removed.
    file: Option<PathBuf>,
}

/// Makes the policy, unless the machine has one of its own, which stays in force.
pub(super) fn nothing_starts(folder: &Path) -> Outcome<Policy> {
    let file = folder.join(NAME);
    let mut options = OpenOptions::new();
    match options.write(true).create_new(true).mode(0o755).open(&file) {
        Ok(mut made) => {
            made.write_all(NOTHING_STARTS.as_bytes())?;
            Ok(Policy { file: Some(file) })
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Policy { file: None }),
        Err(error) => Err(format!("can't write {}: {error}", file.display()).into()),
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        if let Some(file) = &self.file {
            // Whoever removed it has done what is to be done.
            let _ = fs::remove_file(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn packages_are_told_that_nothing_starts_for_as_long_as_it_lives() {
        let folder = tempfile::tempdir().unwrap();
        let policy = nothing_starts(folder.path()).unwrap();
        let asked = Command::new("sh").arg(folder.path().join(NAME)).status().unwrap();
        assert_eq!(asked.code(), Some(101));
        drop(policy);
        assert!(!folder.path().join(NAME).exists());
    }

    #[test]
    fn a_policy_of_the_machine_stays() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "#!/bin/sh\nexit 0\n").unwrap();
        drop(nothing_starts(folder.path()).unwrap());
        assert_eq!(fs::read_to_string(folder.path().join(NAME)).unwrap(), "#!/bin/sh\nexit 0\n");
    }
}
