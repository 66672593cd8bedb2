//! Links from a document to a file, a document, or a heading.

use std::path::Path;

use super::{all, assert_none, markdown::Document, root};

/// Where the links of a line lead, but for those within code.
fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (index, text) in line.split("](").enumerate() {
        if index == 0 {
            continue;
        }
        found.extend(text.split_once(')').map(|(target, _)| target));
    }
    found
}

/// What is wrong with a link, if anything is.
fn complaint(documents: &[Document], from: &Document, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&from.path).parent().unwrap();
    let file = if path.is_empty() { root().join(&from.path) } else { root().join(folder).join(path) };
    let Ok(file) = file.canonicalize() else { return Some(format!("there is no {path}")) };
    if anchor.is_empty() {
        return None;
    }
    let to = documents.iter().find(|document| root().join(&document.path) == file);
    let has = to.is_some_and(|document| document.anchors().iter().any(|heading| heading == anchor));
    (!has).then(|| format!("there is no heading #{anchor} in {path}"))
}

#[test]
fn every_link_leads_somewhere() {
    let documents = all();
    let mut wrong = Vec::new();
    let mut count = 0;
    for document in &documents {
        for (number, line) in document.prose() {
            for target in targets(line) {
                count += 1;
                if let Some(complaint) = complaint(&documents, document, target) {
                    wrong.push(format!("{}:{number}: {complaint}", document.path));
                }
            }
        }
    }
    assert!(count > 30, "{count} links");
    assert_none(&wrong);
}

#[test]
fn every_document_can_be_reached_from_the_readme() {
    let documents = all();
    let mut reached = vec!["README.md".to_owned()];
    let mut index = 0;
    while let Some(path) = reached.get(index).cloned() {
        index += 1;
        let Some(document) = documents.iter().find(|document| document.path == path) else { continue };
        let folder = Path::new(&document.path).parent().unwrap();
        for (_, line) in document.prose() {
            for target in targets(line) {
                let file = target.split('#').next().unwrap_or_default();
                let Ok(file) = root().join(folder).join(file).canonicalize() else { continue };
                let Ok(file) = file.strip_prefix(root()) else { continue };
                let file = file.to_string_lossy().into_owned();
                if !reached.contains(&file) {
                    reached.push(file);
                }
            }
        }
    }
    let lost = documents.iter().map(|document| &document.path).filter(|path| !reached.contains(path));
    assert_none(&lost.map(|path| format!("no link leads to {path}")).collect::<Vec<_>>());
}

#[test]
fn links_are_found_wherever_they_stand() {
    assert_eq!(targets("see [a](b.md) and | [c](../d.md#e) |"), ["b.md", "../d.md#e"]);
    assert!(targets("nothing (here)").is_empty());
}
