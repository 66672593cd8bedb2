//! `cargo xtask tidy`: rules of style that no lint knows, checked by reading.
//!
//! It reads the `.rs` files that git knows or would add. To add a rule, add a function to [`rules`].

mod rules;

use std::{fs, path::Path};

use crate::{
    Outcome,
    programs::{output, program, root},
};

/// One source file.
struct SourceFile<'a> {
    /// From the workspace's root, with `/`.
    path: &'a str,
    text: &'a str,
}

/// Prints every violation as `path:line: what is wrong`; errs if there is any.
pub(crate) fn run() -> Outcome {
    let listed = output(program("git").args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
        "--",
        "*.rs",
    ]))?;
    // A file that was deleted, but not yet in git, is still listed.
    let paths: Vec<&str> = listed.split_terminator('\0').filter(|path| root().join(path).is_file()).collect();
    let mut count = 0_usize;
    for path in &paths {
        let text = read(&root().join(path))?;
        for violation in rules::violations(&SourceFile { path, text: &text }) {
            println!("{violation}");
            count += 1;
        }
    }
    if count > 0 {
        return Err(format!("tidy: {count} violations").into());
    }
    println!("tidy: {} files in order", paths.len());
    Ok(())
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("can't read {}: {error}", path.display()).into())
}
