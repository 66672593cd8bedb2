//! The catalogue of metrics: what it says, whether all of it is used, and whether all who name a metric name one of it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use lectern_application::{
    metrics::{
        Kind,
        catalogue::{ALL, RATE_LIMITED, TRANSCRIPTIONS, TRANSCRIPTIONS_FINISHED},
    },
    ports::{Duty, LimitClass},
};
use lectern_domain::transcription::StateName;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files below a folder whose names end so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path, ending) } else { vec![path] })
        .filter(|path| path.to_str().unwrap().ends_with(ending))
        .collect()
}

/// All sources but the catalogue.
fn sources() -> Vec<String> {
    let crates = fs::read_dir(root().join("crates")).unwrap();
    let sources = crates.flat_map(|package| files(&package.unwrap().path().join("src"), ".rs"));
    let others = sources.filter(|path| !path.ends_with("metrics/catalogue.rs"));
    others.map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn is_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

/// Whether a word stands in a text.
fn names(text: &str, word: &str) -> bool {
    let before = |at: usize| text.get(..at).and_then(|text| text.chars().next_back());
    let after = |at: usize| text.get(at + word.len()..).and_then(|text| text.chars().next());
    let stands_alone = |at: usize| !before(at).is_some_and(is_word) && !after(at).is_some_and(is_word);
    text.match_indices(word).any(|(at, _)| stands_alone(at))
}

/// The words of a text that begin so.
fn words<'a>(text: &'a str, beginning: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(|character| !is_word(character)).filter(move |word| word.starts_with(beginning))
}

fn known() -> BTreeSet<&'static str> {
    ALL.iter().map(|(_, metric)| metric.name).collect()
}

#[test]
fn names_are_unique_and_follow_the_conventions() {
    assert_eq!(known().len(), ALL.len());
    for (constant, metric) in ALL {
        let name = metric.name;
        let is_plain = name.chars().all(|character| character.is_ascii_lowercase() || character == '_');
        assert!(name.starts_with("lectern_") && is_plain, "{name}");
        assert_eq!(matches!(metric.kind, Kind::Counter), name.ends_with("_total"), "{name}");
        assert!(metric.help.ends_with('.') && !metric.help.contains("  "), "{name}: {:?}", metric.help);
        assert!(!name.ends_with("_ms") && !name.ends_with("_milliseconds"), "{name} is in no base unit");
        if let Kind::Histogram(bounds) = metric.kind {
            assert!(bounds.is_sorted() && bounds.len() > 5, "{constant}");
        }
    }
}

#[test]
fn every_metric_is_counted_somewhere() {
    let sources = sources();
    let is_used = |constant: &str, name: &str| {
        sources.iter().any(|source| names(source, constant) || names(source, name))
    };
    let unused: Vec<_> = ALL.iter().filter(|(constant, metric)| !is_used(constant, metric.name)).collect();
    assert!(unused.is_empty(), "{unused:#?}");
}

#[test]
fn nothing_is_counted_that_is_not_in_the_catalogue() {
    let known = known();
    for source in sources() {
        let source: String = source.split_whitespace().collect();
        for call in ["counter!(\"", "gauge!(\"", "histogram!(\""] {
            for name in source.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(known.contains(name), "{name} is counted, and is not in the catalogue");
            }
        }
    }
}

/// The values that labels can have are those that the code has names for.
#[test]
fn labels_have_the_values_that_there_are() {
    let values = |labels: &'static [lectern_application::metrics::Label]| -> BTreeSet<&str> {
        labels.first().unwrap().values.all().unwrap().iter().copied().collect()
    };
    let classes = LimitClass::ALL.map(LimitClass::name);
    assert_eq!(values(RATE_LIMITED.definition().labels), BTreeSet::from(classes));
    let (active, finished): (Vec<_>, Vec<_>) =
        StateName::ALL.into_iter().partition(|state| state.is_active());
    let named = |states: Vec<StateName>| states.into_iter().map(StateName::as_str).collect::<BTreeSet<_>>();
    assert_eq!(values(TRANSCRIPTIONS.definition().labels), named(active));
    assert_eq!(values(TRANSCRIPTIONS_FINISHED.definition().labels), named(finished));
    let duties = values(lectern_application::metrics::catalogue::DUTY_HELD.definition().labels);
    assert!([Duty::Purge, Duty::AnnounceJobs].iter().all(|duty| duties.contains(duty.name())));
}

/// Dashboards and alerts, whose mistakes show only when somebody needs them.
#[test]
fn every_metric_that_operators_files_name_is_in_the_catalogue() {
    let known = known();
    let docker = root().join("docker");
    let named_in = |file: &str| {
        let text = fs::read_to_string(docker.join(file)).unwrap();
        let found: BTreeSet<String> = words(&text, "lectern_").map(ToOwned::to_owned).collect();
        for name in &found {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
            let is_known = known.contains(name.as_str()) || family.is_some_and(|name| known.contains(name));
            assert!(is_known, "{file} names {name}, which is not in the catalogue");
        }
        found.len()
    };
    assert!(named_in("grafana/lectern.json") > 20);
    assert!(named_in("prometheus/alerts.yml") > 8);
    assert_eq!(named_in("prometheus/prometheus.yml"), 0);
}

#[test]
fn the_operators_document_names_every_metric() {
    let document = fs::read_to_string(root().join("docs/operations.md")).unwrap();
    let (_, section) = document.split_once("\n## Metrics\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let unnamed: Vec<_> = known().into_iter().filter(|name| !names(section, name)).collect();
    assert!(unnamed.is_empty(), "docs/operations.md says nothing about {unnamed:#?}");
    let known = known();
    let unknown: Vec<_> = words(section, "lectern_").filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "docs/operations.md names {unknown:#?}");
}
