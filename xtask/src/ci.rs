//! `cargo xtask ci`: what a change must pass.

use crate::{
    Outcome,
    programs::{self, cargo, locked, shown},
    test,
};

/// Format, lints and documentation, each without a warning, then the tests.
pub(crate) fn run() -> Outcome {
    let mut lints = cargo(["clippy", "--workspace", "--all-targets"]);
    lints.args(locked()).args(["--", "-D", "warnings"]);
    let mut documentation = cargo(["doc", "--workspace", "--no-deps"]);
    documentation.args(locked()).env("RUSTDOCFLAGS", "-D warnings");
    let steps = [cargo(["fmt", "--all", "--check"]), lints, documentation];
    for mut step in steps {
        println!("$ {}", shown(&step));
        programs::run(&mut step)?;
    }
    test::run(None)
}
