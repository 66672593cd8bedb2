//! `cargo xtask tidy`: rules of style that no lint knows, checked by reading.
//!
//! It reads the `.rs` files that git knows or would add. To add a rule, add a function to [`rules`].

mod rules;

use std::{collections::BTreeMap, fs, path::Path};

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
    let texts = paths.iter().map(|path| read(&root().join(path))).collect::<Outcome<Vec<_>>>()?;
    let files = paths.iter().zip(&texts).map(|(path, text)| SourceFile { path, text });
    let files: Vec<_> = files.collect();
    let mut count = 0_usize;
    for file in &files {
        for violation in rules::violations(file) {
            println!("{violation}");
            count += 1;
        }
    }
    for violation in schemas_of_one_name(&files) {
        println!("{violation}");
        count += 1;
    }
    if count > 0 {
        return Err(format!("tidy: {count} violations").into());
    }
    println!("tidy: {} files in order", paths.len());
    Ok(())
}

/// The types that have a name in the OpenAPI document which another one has already.
fn schemas_of_one_name(files: &[SourceFile<'_>]) -> Vec<String> {
    let mut first = BTreeMap::new();
    let mut found = Vec::new();
    for file in files {
        for (line, name) in rules::schema_names(file) {
            let place = format!("{}:{line}", file.path);
            if let Some(other) = first.get(name) {
                found.push(format!("{place}: the schema {name} is already that of {other}"));
            } else {
                first.insert(name, place);
            }
        }
    }
    found
}

fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).map_err(|error| format!("can't read {}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_schemas_of_one_name_are_found() {
        let one = SourceFile { path: "a.rs", text: "#[derive(ToSchema)]\npub(super) struct Body {\n" };
        let other =
            "#[derive(Debug, ToSchema)]\n#[serde(deny_unknown_fields)]\n#[schema(as = Body)]\nstruct B;\n";
        let other = SourceFile { path: "b.rs", text: other };
        assert_eq!(schemas_of_one_name(&[one, other]), ["b.rs:3: the schema Body is already that of a.rs:2"]);
    }
}
