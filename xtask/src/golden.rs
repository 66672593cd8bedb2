//! `cargo xtask golden`: compares what the classic dialects answer with the golden files, on both profiles, or writes the
//! files anew.
//!
//! Files are written by the embedded profile, and then compared on both: where they differ, that is a defect of one.

use console::style;

use crate::{
    Outcome,
    programs::{cargo, locked, run as run_program},
    python,
    services::{self, Kind, Servers},
    tools::{self, FFMPEG},
};

/// The variable by which tests write the files instead of comparing them.
const UPDATE: (&str, &str) = ("LECTERN_GOLDEN", "update");
/// Where the files are, from the workspace's root.
const FOLDER: &str = "crates/server/tests/golden";

/// What to do with the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Find out whether they are still true.
    Compare,
    /// Make them true.
    Update,
}

/// A run of the tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Write,
    Compare,
}

/// Does it, with all servers that the scaled profile needs.
pub(crate) fn run(intent: Intent) -> Outcome {
    tools::provide(&[FFMPEG])?;
    let built = services::provide(&Kind::ALL)?;
    let interpreter = python::provide(&python::TESTS)?;
    let servers = Servers::start(&Kind::ALL, &built)?;
    for pass in passes(intent) {
        let mut command = cargo(["test"]);
        command.args(locked()).args(arguments(*pass));
        command.env(python::VARIABLE, &interpreter).envs(servers.environment()).envs(built.environment());
        match pass {
            Pass::Write => command.env(UPDATE.0, UPDATE.1),
            Pass::Compare => command.env_remove(UPDATE.0),
        };
        run_program(&mut command)?;
    }
    if intent == Intent::Update {
        println!("{} git diff {FOLDER}", style("now read what changed:").bold());
    }
    Ok(())
}

const fn passes(intent: Intent) -> &'static [Pass] {
    match intent {
        Intent::Compare => &[Pass::Compare],
        Intent::Update => &[Pass::Write, Pass::Compare],
    }
}

/// The tests of a pass. With `--workspace`, dependencies are built as for all tests. While files are written, whether they
/// are all there is not asked.
fn arguments(pass: Pass) -> Vec<&'static str> {
    let mut arguments = vec!["--workspace", "--test", "black_box", "--", "golden::"];
    if pass == Pass::Write {
        arguments.extend(["--skip", "::scaled::", "--skip", "golden::rows::"]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_written_once_and_then_compared_on_both_profiles() {
        let [write, compare] = passes(Intent::Update) else { unreachable!("two passes") };
        assert!(arguments(*write).ends_with(&["--skip", "::scaled::", "--skip", "golden::rows::"]));
        assert!(arguments(*compare).ends_with(&["golden::"]));
    }

    #[test]
    fn comparing_writes_nothing() {
        assert_eq!(passes(Intent::Compare), [Pass::Compare]);
    }
}
