//! What an inner crate reaches through the crates that it names.

use std::collections::BTreeSet;

use super::Pure;

/// The banned crates in a package's tree. `tree` is what `cargo tree --prefix none` prints: `name vVERSION …` a line.
pub(super) fn violations(pure: &Pure, tree: &str) -> Vec<String> {
    let names: BTreeSet<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    names
        .into_iter()
        .filter(|name| pure.bans(name))
        .map(|name| format!("{} reaches {name}: {}", pure.package, pure.reason))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PURE: Pure =
        Pure { package: "inner", folder: "", banned: &["serde", "tokio"], reason: "it is the inner one" };

    #[test]
    fn a_banned_crate_anywhere_in_the_tree_is_found_once() {
        let tree =
            "inner v0.1.0 (/inner)\nuuid v1.29.1\nserde_core v1.0.2\nother v1.0.0\nserde_core v1.0.2 (*)\n";
        assert_eq!(violations(&PURE, tree), ["inner reaches serde_core: it is the inner one"]);
    }

    #[test]
    fn other_crates_are_welcome() {
        assert_eq!(violations(&PURE, "inner v0.1.0\nuuid v1.29.1\n\nquote v1.0.47\n"), [""; 0]);
    }
}
