//! Python's packages that tests need: a virtual environment under `target`, made once.
//!
//! Tests get its interpreter by the environment variable [`VARIABLE`]. To add a package, name it and everything beneath it
//! in [`PACKAGES`]; the environment is made anew then.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Outcome,
    programs::{output, program, root, run},
    tools::{self, PYTHON},
};

/// Tells tests where the interpreter is.
pub(crate) const VARIABLE: &str = "LECTERN_TEST_PYTHON";

/// What tests import, pinned. `aiosmtpd` receives mails; the others are beneath it.
const PACKAGES: &[&str] = &["aiosmtpd==1.4.6", "atpublic==6.0.2", "attrs==26.1.0"];

/// The file in the environment that says what was installed. Written last.
const INSTALLED: &str = "installed.txt";

/// Makes sure that the environment is there, and answers its interpreter.
pub(crate) fn provide() -> Outcome<PathBuf> {
    let folder = root().join("target/python");
    let interpreter = folder.join("bin/python");
    if is_complete(&folder, PACKAGES) && runs(&interpreter) {
        return Ok(interpreter);
    }
    tools::provide(&[PYTHON])?;
    println!("installing {} for Python", PACKAGES.join(" "));
    run(program("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"];
    run(program(&interpreter).args(pip).args(PACKAGES))?;
    fs::write(folder.join(INSTALLED), listed(PACKAGES))?;
    Ok(interpreter)
}

/// Whether the environment was made to its end, with these packages.
fn is_complete(folder: &Path, packages: &[&str]) -> bool {
    fs::read_to_string(folder.join(INSTALLED)).is_ok_and(|installed| installed == listed(packages))
}

/// Whether the interpreter that it was made with is still there.
fn runs(interpreter: &Path) -> bool {
    output(program(interpreter).arg("--version")).is_ok()
}

fn listed(packages: &[&str]) -> String {
    packages.join("\n")
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn an_environment_is_complete_with_exactly_its_packages() {
        let folder = TempDir::new().unwrap();
        assert!(!is_complete(folder.path(), &["a==1"]));
        fs::write(folder.path().join(INSTALLED), "a==1").unwrap();
        assert!(is_complete(folder.path(), &["a==1"]));
        assert!(!is_complete(folder.path(), &["a==2"]));
        assert!(!is_complete(folder.path(), &["a==1", "b==1"]));
    }

    #[test]
    fn an_interpreter_that_is_gone_does_not_run() {
        assert!(!runs(Path::new("/no/such/python")));
    }

    #[test]
    fn every_package_is_pinned() {
        assert!(PACKAGES.iter().all(|package| package.contains("==")));
    }
}
