//! Other programs, first of all cargo, run in the workspace's root without standard input.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::Outcome;

/// How to build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quickly.
    Dev,
    /// With optimisation.
    Release,
    /// As it is handed out.
    Dist,
}

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// A program that is to run in the root, without standard input.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that runs this, with arguments.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Makes a server know none of this machine's settings.
pub(crate) fn without_settings(command: &mut Command) -> &mut Command {
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LECTERN_")) {
        command.env_remove(name);
    }
    command
}

/// What keeps cargo from changing Cargo.lock where `CI` is set: there, a lock that doesn't fit is a mistake.
pub(crate) fn locked() -> Option<&'static str> {
    env::var_os("CI").map(|_| "--locked")
}

/// Runs it to its end, its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| format!("can't run {}: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", shown(command)).into()) }
}

/// Runs it to its end and answers its standard output.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("can't run {}: {error}", shown(command)))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("{} failed ({})", shown(command), output.status).into())
    }
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    std::iter::once(program)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Builds the server's binary, with cargo's own progress on standard error, and answers where it is.
pub(crate) fn build_lectern(profile: Profile) -> Outcome<PathBuf> {
    let mut command = cargo(["build", "--bin", "lectern", "--message-format", "json-render-diagnostics"]);
    command.args(locked());
    // With `--workspace`, dependencies get the features that the tests' build gives them, and are built once.
    match profile {
        Profile::Dev => command.arg("--workspace"),
        Profile::Release => command.args(["--workspace", "--release"]),
        Profile::Dist => command.args(["--package", "lectern-server", "--profile", "dist"]).envs(commit()),
    };
    let mut build = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("can't run {}: {error}", shown(&command)))?;
    let mut binary = None;
    if let Some(messages) = build.stdout.take() {
        for message in BufReader::new(messages).lines() {
            binary = executable(&message?).or(binary);
        }
    }
    if !build.wait()?.success() {
        return Err("lectern does not build".into());
    }
    binary.ok_or_else(|| "cargo built no binary called lectern".into())
}

/// What tells a build which commit it is of, if that is known.
fn commit() -> Option<(&'static str, String)> {
    let describe = ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"];
    let commit = output(program("git").args(describe)).ok()?;
    Some(("BUILD_COMMIT", commit.trim().to_owned()))
}

/// The path of `lectern`, if that is what one of cargo's messages is about.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["target"]["name"] != "lectern" {
        return None;
    }
    Some(PathBuf::from(message["executable"].as_str()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_found_among_cargos_messages() {
        let message =
            r#"{"reason":"compiler-artifact","target":{"name":"lectern"},"executable":"/t/debug/lectern"}"#;
        assert_eq!(executable(message), Some(PathBuf::from("/t/debug/lectern")));
    }

    #[test]
    fn messages_about_anything_else_name_no_binary() {
        assert_eq!(executable(r#"{"target":{"name":"xtask"},"executable":"/t/debug/xtask"}"#), None);
        assert_eq!(executable(r#"{"target":{"name":"lectern"},"executable":null}"#), None);
        assert_eq!(executable(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(executable("warning: not JSON"), None);
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it() {
        let error = run(&mut program("false")).unwrap_err();
        assert!(error.to_string().starts_with("false failed"), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_it() {
        let error = output(&mut program("no-such-program")).unwrap_err();
        assert!(error.to_string().starts_with("can't run no-such-program"), "{error}");
    }

    #[test]
    fn the_root_is_where_the_workspace_is_declared() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
