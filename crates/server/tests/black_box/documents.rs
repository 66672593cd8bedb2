//! The documents: every command in them is run as it is written, every setting is read, every link is followed.
//!
//! How to write them so that they pass is said in `docs/README.md`. A new document is found by itself.

mod asvs;
mod blocks;
mod links;
mod markdown;
mod outputs;
mod walks;

use std::{
    fs,
    path::{Path, PathBuf},
};

use markdown::Document;

/// The folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Those in the project's own folder, and those in `docs`, however deep.
fn all() -> Vec<Document> {
    let root = root();
    let mut paths = markdown_in(&root);
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        paths.extend(markdown_in(&folder));
        folders.extend(entries(&folder).into_iter().filter(|path| path.is_dir()));
    }
    paths.sort();
    assert!(paths.len() > 10, "{paths:?}");
    paths.iter().map(|path| Document::read(&root, path)).collect()
}

fn markdown_in(folder: &Path) -> Vec<PathBuf> {
    let is_markdown = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    entries(folder).into_iter().filter(is_markdown).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Fails with all that is wrong, so that one mistake doesn't hide another.
fn assert_none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} mistakes:\n\n{}\n", wrong.len(), wrong.join("\n\n"));
}

/// A file of the project, if there is one.
fn source(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}
