//! The rules. Each looks at one file and answers the lines that break it, 0 for the file as a whole.

use super::SourceFile;

/// The most lines of a file that can be read in one sitting. The aim is 300.
const MOST_LINES: usize = 400;

/// Names that say nothing: whatever is in there has a name of its own.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "misc", "common", "manager", "managers"];

/// Phrases that must not be in code, and why. This file must name them, and is left out.
const PHRASES: [(&str, &str); 7] = [
    ("#[allow(", "use #[expect(lint, reason = \"…\")], which goes away with what it excuses"),
    ("#![allow(", "use #![expect(lint, reason = \"…\")], which goes away with what it excuses"),
    ("todo!", "nothing unfinished gets in"),
    ("unimplemented!", "nothing unfinished gets in"),
    ("TODO", "nothing unfinished gets in"),
    ("FIXME", "nothing unfinished gets in"),
    ("#[ignore", "a test that isn't run proves nothing"),
];
/// Who runs commands on the machine may do everything, so the crates that take requests, or send them, must not be able to
/// become them by mistake.
const OPERATOR: &str = "MachineOperator";
const OPERATOR_BARRED: [&str; 3] = ["crates/actix-http/", "crates/remote-adapter/", "crates/web-console/"];
/// Where a secret may meet what somebody sent.
const SECRETS_ASKED_FOR: [&str; 4] = [
    "crates/actix-http/src/",
    "crates/application/src/",
    "crates/security-adapter/src/",
    "crates/web-console/src/",
];
const PHRASES_FILE: &str = "xtask/src/tidy/rules.rs";

/// The names under which types are in the OpenAPI document, each with the line that gives it. Two types of one name
/// would be taken for one.
pub(super) fn schema_names<'a>(file: &SourceFile<'a>) -> Vec<(usize, &'a str)> {
    let mut names = Vec::new();
    let mut lines = file.text.lines().enumerate();
    while let Some((_, line)) = lines.next() {
        if !(line.starts_with("#[derive(") && line.contains("ToSchema")) {
            continue;
        }
        let renamed = |line: &'a str| line.strip_prefix("#[schema(as = ")?.split([',', ')']).next();
        let declared = |line: &'a str| {
            let (_, rest) = line.split_once("struct ").or_else(|| line.split_once("enum "))?;
            rest.split(['<', ' ', '(', ';']).next()
        };
        names.extend(
            lines
                .by_ref()
                .find_map(|(index, line)| Some((index + 1, renamed(line).or_else(|| declared(line))?))),
        );
    }
    names
}

/// What `file` breaks, each as `path:line: what is wrong`.
pub(super) fn violations(file: &SourceFile<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if file.path != PHRASES_FILE {
        found.extend(phrases(file));
    }
    found.extend(operator_of_a_request(file));
    found.extend(compared_secret(file));
    found.extend(length(file));
    found.extend(trailing_whitespace(file));
    found.extend(module_doc(file));
    found.extend(empty_name(file));
    found.extend(sleeping_test(file));
    found.into_iter().map(|(line, what)| format!("{}:{line}: {what}", file.path)).collect()
}

type Found = Vec<(usize, String)>;

/// The lines that `is_wrong` says something about.
fn lines(file: &SourceFile<'_>, is_wrong: impl Fn(&str) -> Option<String>) -> Found {
    let lines = file.text.lines().enumerate();
    lines.filter_map(|(index, line)| Some((index + 1, is_wrong(line)?))).collect()
}

fn phrases(file: &SourceFile<'_>) -> Found {
    lines(file, |line| {
        let (phrase, reason) = PHRASES.iter().find(|(phrase, _)| line.contains(phrase))?;
        Some(format!("{phrase}: {reason}"))
    })
}

fn operator_of_a_request(file: &SourceFile<'_>) -> Found {
    if !OPERATOR_BARRED.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    lines(file, |line| {
        line.contains(OPERATOR).then(|| format!("{OPERATOR}: no request is the operator's; it has a caller"))
    })
}

/// How long a comparison takes says where two texts begin to differ.
fn compared_secret(file: &SourceFile<'_>) -> Found {
    if !SECRETS_ASKED_FOR.iter().any(|folder| file.path.starts_with(folder)) {
        return Vec::new();
    }
    lines(file, |line| {
        let code = line.split("//").next().unwrap_or_default();
        let is_compared =
            [" == ", " != "].iter().filter_map(|operator| code.split_once(operator)).any(|(left, right)| {
                let right = right.split([' ', ';', ',']).next().unwrap_or_default();
                [left, right]
                    .iter()
                    .any(|side| side.ends_with(".expose_secret()") || side.ends_with(".expose()"))
            });
        is_compared.then(|| "secrets are compared in constant time, by `subtle::ConstantTimeEq`".to_owned())
    })
}

fn length(file: &SourceFile<'_>) -> Found {
    let count = file.text.lines().count();
    if count <= MOST_LINES {
        return Vec::new();
    }
    vec![(MOST_LINES + 1, format!("{count} lines are too many to read in one sitting; split it by idea"))]
}

fn trailing_whitespace(file: &SourceFile<'_>) -> Found {
    lines(file, |line| line.ends_with(char::is_whitespace).then(|| "white space at the end".to_owned()))
}

/// A crate begins by saying what it is.
fn module_doc(file: &SourceFile<'_>) -> Found {
    let is_root = ["src/lib.rs", "src/main.rs"].iter().any(|root| file.path.ends_with(root))
        || file.path.contains("/src/bin/");
    if !is_root || file.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![(1, "a crate begins with `//!` and what it is".to_owned())]
}

fn empty_name(file: &SourceFile<'_>) -> Found {
    let names = file.path.split('/').map(|part| part.strip_suffix(".rs").unwrap_or(part));
    names
        .filter(|name| {
            EMPTY_NAMES.iter().any(|empty| {
                name.strip_suffix(empty).is_some_and(|before| before.is_empty() || before.ends_with('_'))
            })
        })
        .map(|name| (0, format!("`{name}` says nothing about what is in there")))
        .collect()
}

/// A test waits for a condition: waiting for time is slow where it works, and fails where it's slower. In a test on
/// tokio's paused clock, tokio's sleep takes no time and ends for sure.
fn sleeping_test(file: &SourceFile<'_>) -> Found {
    if !file.path.split('/').any(|part| matches!(part, "tests" | "tests.rs")) {
        return Vec::new();
    }
    let mut is_clock_paused = false;
    let mut found = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if code.contains("test]") || code.contains("::test(") {
            is_clock_paused = code.contains("#[tokio::test(start_paused = true");
        }
        if code.contains("sleep(") && !(is_clock_paused && code.contains("tokio::time::sleep(")) {
            found.push((index + 1, "a test waits for a condition, never for time".to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        violations(&SourceFile { path, text })
    }

    #[test]
    fn a_file_in_order_breaks_nothing() {
        let text =
            "//! Sleeps, waits and allows.\n\n#[expect(unused, reason = \"shown\")]\nfn sleeper() {}\n";
        assert_eq!(found("crates/a/src/lib.rs", text), [""; 0]);
    }

    #[test]
    fn forbidden_phrases_are_found_with_their_line_and_reason() {
        for phrase in PHRASES.map(|(phrase, _)| phrase) {
            let found = found("crates/a/src/b.rs", &format!("//! B.\n    {phrase}x\n"));
            assert_eq!(found.len(), 1, "{phrase}: {found:?}");
            assert!(found[0].starts_with(&format!("crates/a/src/b.rs:2: {phrase}: ")), "{found:?}");
        }
    }

    #[test]
    fn only_the_file_that_lists_the_phrases_may_name_them() {
        assert_eq!(found(PHRASES_FILE, "// TODO\n"), [""; 0]);
        assert_eq!(found("xtask/src/tidy.rs", "// TODO\n").len(), 1);
    }

    #[test]
    fn no_request_is_the_operators() {
        let text = "//! Users.\nlet by = MachineOperator::at_the_command_line();\n";
        for barred in ["crates/actix-http/src/v1/users.rs", "crates/web-console/src/a.rs"] {
            assert_eq!(found(barred, text).len(), 1, "{barred}");
        }
        assert_eq!(found("crates/server/src/commands/user.rs", text), [""; 0]);
    }

    #[test]
    fn secrets_are_not_compared_byte_by_byte() {
        for line in ["if given == token.expose_secret() {", "let same = secret.expose_secret() != given;"] {
            assert_eq!(found("crates/actix-http/src/a.rs", line).len(), 1, "{line}");
            assert_eq!(found("crates/server/src/a.rs", line), [""; 0], "{line}");
        }
        let right = "secret_equals(token.expose_secret(), &secret) == true";
        assert_eq!(found("crates/actix-http/src/a.rs", right), [""; 0]);
    }

    #[test]
    fn four_hundred_lines_are_enough() {
        assert_eq!(found("crates/a/src/b.rs", &"x\n".repeat(400)), [""; 0]);
        assert!(found("crates/a/src/b.rs", &"x\n".repeat(401))[0].contains("401 lines"));
    }

    #[test]
    fn white_space_at_the_end_of_a_line_is_found() {
        assert_eq!(found("crates/a/src/b.rs", "a\nb \nc\t\n").len(), 2);
    }

    #[test]
    fn only_a_crates_root_must_begin_with_its_documentation() {
        for root in ["crates/a/src/lib.rs", "xtask/src/main.rs", "crates/a/src/bin/b.rs"] {
            assert_eq!(found(root, "use std::fmt;\n").len(), 1, "{root}");
            assert_eq!(found(root, "//! A.\n").len(), 0, "{root}");
        }
        assert_eq!(found("crates/a/src/b.rs", "use std::fmt;\n"), [""; 0]);
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        for path in
            ["a/src/utils.rs", "a/tests/common/mod.rs", "a/src/session_manager.rs", "a/src/helpers/b.rs"]
        {
            assert_eq!(found(path, "").len(), 1, "{path}");
        }
        for path in ["a/src/common_passwords.rs", "a/src/futile.rs", "a/src/session.rs"] {
            assert_eq!(found(path, ""), [""; 0], "{path}");
        }
    }

    #[test]
    fn tests_never_sleep() {
        for line in ["std::thread::sleep(delay);", "tokio::time::sleep(delay).await;", "sleep(delay);"] {
            assert_eq!(found("crates/a/tests/b.rs", line).len(), 1, "{line}");
            assert_eq!(found("crates/a/src/b.rs", line), [""; 0], "{line}");
        }
    }

    #[test]
    fn on_a_paused_clock_only_tokio_sleeps() {
        let test = |attribute: &str, sleep: &str| {
            found(
                "crates/a/tests/b.rs",
                &format!("#[tokio::test(start_paused = true)]\n{attribute}\n{sleep}(delay)\n"),
            )
        };
        assert_eq!(test("#[tokio::test(start_paused = true)]", "tokio::time::sleep"), [""; 0]);
        assert_eq!(test("#[tokio::test]", "tokio::time::sleep").len(), 1);
        assert_eq!(test("#[test]", "tokio::time::sleep").len(), 1);
        assert_eq!(test("", "thread::sleep").len(), 1);
    }
}
