//! `cargo xtask ci`: what a change must pass.

use crate::{
    Outcome,
    programs::{self, cargo, shown},
    test,
};

/// Format, lints and documentation, each without a warning, then the tests.
pub(crate) fn run() -> Outcome {
    let mut documentation = cargo(["doc", "--workspace", "--no-deps"]);
    documentation.env("RUSTDOCFLAGS", "-D warnings");
    let steps = [
        cargo(["fmt", "--all", "--check"]),
        cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        documentation,
    ];
    for mut step in steps {
        println!("$ {}", shown(&step));
        programs::run(&mut step)?;
    }
    test::run(None)
}
