//! What an inner crate's sources name.
//!
//! A `use` of a crate that isn't a dependency does not compile, and what doesn't compile is often "repaired" by adding
//! the dependency. Whoever tries is told here why not, with the line.

use std::{fs, path::Path};

use super::{Pure, belongs};
use crate::Outcome;

/// The lines below the package's folder that name banned crates.
pub(super) fn violations(pure: &Pure, root: &Path) -> Outcome<Vec<String>> {
    let mut violations = Vec::new();
    let mut folders = vec![root.join(pure.folder)];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).map_err(|error| format!("can't read {}: {error}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                let shown = path.strip_prefix(root).unwrap_or(&path);
                violations.extend(in_text(pure, &shown.display().to_string(), &text));
            }
        }
    }
    violations.sort();
    Ok(violations)
}

fn in_text(pure: &Pure, path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(index, line)| {
            let name = pure.banned.iter().find_map(|family| named(line, family))?;
            Some(format!("{path}:{}: names {name}: {}", index + 1, pure.reason))
        })
        .collect()
}

/// The crate of `family` that a line of code names: a word before `::`, or after `use` or `crate`.
fn named<'a>(line: &'a str, family: &str) -> Option<&'a str> {
    let is_word = |character: char| character.is_alphanumeric() || character == '_';
    let code = line.split("//").next()?;
    code.match_indices(family).find_map(|(at, _)| {
        let (before, name_and_rest) = code.split_at(at);
        let name = name_and_rest.split(|character| !is_word(character)).next()?;
        let belongs = belongs(name, family);
        let is_path = name_and_rest.strip_prefix(name)?.starts_with("::");
        let is_imported = ["use", "crate"].iter().any(|keyword| before.trim_end().ends_with(keyword));
        (belongs && !before.ends_with(is_word) && (is_path || is_imported)).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE: Pure =
        Pure { package: "inner", folder: "src", banned: &["serde", "diesel"], reason: "it is the inner one" };

    #[test]
    fn naming_a_banned_crate_in_any_way_is_found() {
        for line in [
            "use diesel::prelude::*;",
            "pub(crate) use diesel;",
            "    use ::diesel::Connection;",
            "use {std::fmt, diesel::sql_query};",
            "extern crate diesel;",
            "#[derive(Clone, serde::Serialize)]",
            "let json = serde_json::to_string(&user);",
        ] {
            assert_eq!(in_text(&PURE, "a.rs", line).len(), 1, "{line}");
        }
    }

    #[test]
    fn other_words_are_not() {
        for line in [
            "// use diesel::prelude::*;",
            "//! No serde, no diesel.",
            "let diesel = Fuel::Diesel;",
            "use lectern_domain::account::UserId;",
            "use fuel::biodiesel::Blend;",
        ] {
            assert_eq!(in_text(&PURE, "a.rs", line), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_violation_says_where_it_is_and_why_it_is_one() {
        let found = in_text(&PURE, "src/a.rs", "//! A.\n\nuse diesel::prelude::*;\n");
        assert_eq!(found, ["src/a.rs:3: names diesel: it is the inner one"]);
    }

    #[test]
    fn all_folders_below_the_packages_are_searched() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("src/deep/er")).unwrap();
        fs::write(root.path().join("src/deep/er/b.rs"), "use serde::Serialize;\n").unwrap();
        fs::write(root.path().join("src/deep/er/b.txt"), "use serde::Serialize;\n").unwrap();
        let found = violations(&PURE, root.path()).unwrap();
        assert_eq!(found, ["src/deep/er/b.rs:1: names serde: it is the inner one"]);
    }

    #[test]
    fn a_package_that_is_not_there_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        violations(&PURE, root.path()).unwrap_err();
    }
}
