//! The table of OWASP ASVS in `docs/security.md`: complete, in order, and each row with tests that are there, or a reason.

use super::{assert_none, markdown::Document, root, source};

/// The requirements of levels 1 and 2 in the chapters V6, V7 and V9 of ASVS 5.0.0, section by section: how many there
/// are, numbered from 1, and which of them are of level 1. Higher numbers, and all of V6.7, are of level 3.
const SECTIONS: [(&str, u32, &[u32]); 15] = [
    ("V6.1", 3, &[1]),
    ("V6.2", 12, &[1, 2, 3, 4, 5, 6, 7, 8]),
    ("V6.3", 4, &[1, 2]),
    ("V6.4", 4, &[1, 2]),
    ("V6.5", 5, &[]),
    ("V6.6", 3, &[]),
    ("V6.8", 4, &[]),
    ("V7.1", 3, &[]),
    ("V7.2", 4, &[1, 2, 3, 4]),
    ("V7.3", 2, &[]),
    ("V7.4", 5, &[1, 2]),
    ("V7.5", 2, &[]),
    ("V7.6", 2, &[]),
    ("V9.1", 3, &[1, 2, 3]),
    ("V9.2", 4, &[1]),
];
/// What asks for documentation, and is met by it.
const DOCUMENTATION: [&str; 2] = ["V6.1.", "V7.1."];
/// The shortest that a reason can be.
const REASON_CHARS: usize = 30;

/// A row of the table, cell by cell; what it asks is for people.
struct Row {
    number: String,
    level: String,
    met: String,
    by: String,
}

fn rows() -> Vec<Row> {
    let document = Document::read(&root(), &root().join("docs/security.md"));
    let rows = document.text.lines().filter(|line| line.starts_with("| V"));
    rows.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
        let [number, level, _, met, by] = <[String; 5]>::try_from(cells).unwrap();
        Row { number, level, met, by }
    })
    .collect()
}

/// The links of a cell, each with its words.
fn links(cell: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once("](") {
        let Some((target, left)) = after.split_once(')') else { break };
        let words = before.rsplit_once('[').map_or(before, |(_, words)| words);
        found.push((words, target));
        rest = left;
    }
    found
}

/// What is wrong with a row, if anything is.
fn complaint(row: &Row) -> Option<String> {
    let links = links(&row.by);
    let (tests, documents): (Vec<_>, Vec<_>) = links.iter().partition(|(_, target)| target.contains(".rs"));
    for (words, target) in &tests {
        let name = words.trim_matches('`');
        let file = source(&format!("docs/{target}")).unwrap_or_default();
        // Contracts, and tests on both profiles, are made tests by macros, so no attribute is looked for.
        if !file.contains("test") || !file.contains(&format!("fn {name}(")) {
            return Some(format!("there is no test {name} in {target}"));
        }
    }
    let is_documented =
        !documents.is_empty() && DOCUMENTATION.iter().any(|section| row.number.starts_with(section));
    let without_links = links
        .iter()
        .fold(row.by.clone(), |by, (words, target)| by.replace(&format!("[{words}]({target})"), ""));
    let has_reason = without_links.chars().filter(|c| c.is_alphanumeric()).count() >= REASON_CHARS;
    match row.met.as_str() {
        "yes" if tests.is_empty() && !is_documented => {
            Some("what is met is shown by a test, or documentation by a document".to_owned())
        }
        "yes" => None,
        "in part" | "no" | "n/a" if has_reason => None,
        "in part" | "no" | "n/a" => Some("what is not met in full has a reason".to_owned()),
        other => Some(format!("met is yes, in part, no or n/a, not {other}")),
    }
}

#[test]
fn the_table_has_every_requirement_once_and_in_order() {
    let mut expected = Vec::new();
    for (section, count, first_level) in SECTIONS {
        for number in 1..=count {
            let level = if first_level.contains(&number) { "1" } else { "2" };
            expected.push((format!("{section}.{number}"), level.to_owned()));
        }
    }
    let found: Vec<_> = rows().into_iter().map(|row| (row.number, row.level)).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_requirement_has_tests_that_are_there_or_a_reason() {
    let complaints = rows().into_iter().filter_map(|row| {
        let complaint = complaint(&row)?;
        Some(format!("{}: {complaint}", row.number))
    });
    assert_none(&complaints.collect::<Vec<_>>());
}

#[test]
fn the_figures_above_the_table_are_those_of_the_table() {
    let rows = rows();
    let count = |met: &str| rows.iter().filter(|row| row.met == met).count();
    let document = source("docs/security.md").unwrap();
    let said = format!(
        "{} rows: {} met, {} in part, {} not met, {} that don't apply",
        rows.len(),
        count("yes"),
        count("in part"),
        count("no"),
        count("n/a")
    );
    assert!(document.contains(&said), "security.md should say: {said}");
}

#[test]
fn a_row_that_shows_nothing_is_found() {
    let row = |met: &str, by: &str| Row {
        number: "V6.2.1".to_owned(),
        level: "1".to_owned(),
        met: met.to_owned(),
        by: by.to_owned(),
    };
    assert!(complaint(&row("yes", "trust us")).is_some());
    assert!(complaint(&row("yes", "[`no_such_test`](../crates/domain/src/account/password.rs)")).is_some());
    assert!(complaint(&row("no", "[see](accounts.md)")).is_some());
    assert!(complaint(&row("perhaps", "")).is_some());
    assert!(complaint(&row("no", "nothing of the kind is there, and it is not planned")).is_none());
}
