//! Every row of the tables has its files, and every file its row.

use std::{collections::BTreeSet, fs, path::Path};

use super::folder;

const DIALECTS: [&str; 5] = ["iccem", "lazy-lecture", "katkru", "fastapi-auth", "fast-web"];

/// The tests of rows that are about all dialects.
const OF_ALL: &str = "docs_pages.rs";

/// The rows of a dialect's table, which begins with a column of their names.
fn rows(dialect: &str) -> BTreeSet<String> {
    let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dialects");
    let text = fs::read_to_string(documents.join(format!("{dialect}.md"))).unwrap();
    let rows = text.lines().skip_while(|line| !line.starts_with("| row |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('`').nth(1).unwrap().to_owned()).collect()
}

/// The rows that have a file of that kind. A row's further exchanges are named after it and a dot.
fn with_file(dialect: &str, kind: &str) -> BTreeSet<String> {
    let Ok(files) = fs::read_dir(folder().join(dialect)) else { return BTreeSet::new() };
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.ends_with(&format!(".{kind}.http")));
    names.map(|name| name.split('.').next().unwrap().to_owned()).collect()
}

#[test]
fn every_row_of_every_dialect_has_a_golden_request_and_a_golden_response() {
    let missing = DIALECTS.iter().flat_map(|dialect| {
        let (requests, responses) = (with_file(dialect, "request"), with_file(dialect, "response"));
        let missing =
            rows(dialect).into_iter().filter(move |row| !requests.contains(row) || !responses.contains(row));
        missing.map(move |row| format!("{dialect}/{row}"))
    });
    assert_eq!(missing.collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn every_golden_file_is_of_a_row() {
    for dialect in DIALECTS {
        let rows = rows(dialect);
        assert!(rows.len() >= 7, "{dialect}: {rows:?}");
        for row in with_file(dialect, "request").union(&with_file(dialect, "response")) {
            assert!(rows.contains(row), "{dialect}/{row} is no row");
        }
    }
}

/// The text of a dialect's tests: of its module, of those beneath it, and of those of all dialects.
fn tests_of(dialect: &str) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/black_box/golden");
    let module = tests.join(dialect.replace('-', "_"));
    let beneath = fs::read_dir(&module).into_iter().flatten().map(|file| file.unwrap().path());
    let files = beneath.chain([module.with_extension("rs"), tests.join(OF_ALL)]);
    files.map(|file| fs::read_to_string(file).unwrap_or_default()).collect()
}

/// A pair of files that no test compares would never be found to be wrong.
#[test]
fn every_golden_file_is_compared_by_a_test() {
    for dialect in DIALECTS {
        let tests = tests_of(dialect);
        for file in fs::read_dir(folder().join(dialect)).into_iter().flatten() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let exchange =
                name.trim_end_matches(".http").trim_end_matches(".request").trim_end_matches(".response");
            assert!(tests.contains(&format!("\"{exchange}\"")), "no test of {dialect} names {exchange}");
        }
    }
}
