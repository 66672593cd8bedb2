//! What is in blocks that are no commands.

use std::fs;

use serde_json::Value;
use tempfile::TempDir;

use super::{all, assert_none, markdown::Block, source};
use crate::server::shell;

/// Languages of blocks that are shown and not looked into.
const SHOWN: [&str; 9] = ["", "text", "yaml", "nginx", "ini", "sql", "http", "dockerfile", "javascript"];
/// What a line begins with that somebody is to type.
const PROGRAMS: [&str; 11] = [
    "$ ",
    "cargo ",
    "curl ",
    "docker ",
    "lectern ",
    "LECTERN_",
    "psql ",
    "rabbitmqctl ",
    "sqlite3 ",
    "sudo ",
    "systemctl ",
];

/// What is wrong with a block, if anything is.
async fn complaint(block: &Block) -> Option<String> {
    match block.language.as_str() {
        "sh" if block.argument.is_empty() || block.argument == "server" => None,
        "json" => serde_json::from_str::<Value>(&block.text).err().map(|error| error.to_string()),
        "toml" => settings(block).await,
        "rust" => quotation(block),
        language if SHOWN.contains(&language) => {
            let typed = |line: &&str| PROGRAMS.iter().any(|program| line.starts_with(program));
            let line = block.text.lines().find(typed).filter(|_| language.is_empty())?;
            Some(format!("commands belong into a block of sh: {line}"))
        }
        language => Some(format!("write sh, toml, json, rust, or one of {SHOWN:?}, instead of {language}")),
    }
}

/// A configuration, which the program has to take; one that is marked only has to be TOML.
async fn settings(block: &Block) -> Option<String> {
    if let Err(error) = toml::from_str::<toml::Table>(&block.text) {
        return Some(error.to_string());
    }
    if block.mark.is_some() || block.argument == "Cargo.toml" {
        return None;
    }
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("lectern.toml"), &block.text).unwrap();
    // By way of a shell, as that has none of the settings that tests give their servers.
    let output = shell(folder.path(), concat!(env!("CARGO_BIN_EXE_lectern"), " config check")).await;
    (!output.status.success()).then(|| String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A part of a file that is compiled elsewhere: its path stands behind the language.
fn quotation(block: &Block) -> Option<String> {
    let Some(file) = source(&block.argument) else {
        return Some("behind rust there has to be the path of the file that this is from".to_owned());
    };
    // Neither indentation nor being an example in a module's documentation makes a difference.
    let bare = |line: &'_ str| line.trim().trim_start_matches("//!").trim().to_owned();
    let unindented = |text: &str| text.lines().map(bare).collect::<Vec<_>>().join("\n");
    let is_there = unindented(&file).contains(&unindented(&block.text));
    (!is_there).then(|| format!("this is not in {}", block.argument))
}

#[tokio::test]
async fn every_block_is_what_it_says() {
    let mut wrong = Vec::new();
    for document in all() {
        for block in document.blocks() {
            if let Some(complaint) = complaint(&block).await {
                wrong.push(format!("{}: {complaint}", block.place(&document)));
            }
        }
    }
    assert_none(&wrong);
}
