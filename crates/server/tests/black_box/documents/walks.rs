//! The shell's blocks, run in their order against the real program.

use std::{os::unix::fs::symlink, path::Path, time::Duration};

use futures::future::join_all;
use tempfile::TempDir;
use tokio::time::timeout;

use super::{
    all, assert_none,
    markdown::{Block, Document, Mark},
    outputs, root, source,
};
use crate::server::{Server, shell};

/// Where documents say that a server listens.
const WRITTEN_ADDRESS: &str = "http://127.0.0.1:8080";
/// What the shell prints between two blocks, so that each block's output is told from the next one's.
const BORDER: &str = "-- the next block --";
/// The most that the blocks of one walk may take, speech recognition and all.
const PATIENCE: Duration = Duration::from_mins(15);

/// Blocks that go on with each other: one shell, one folder, at most one server.
struct Walk<'a> {
    document: &'a Document,
    /// The block that starts the server.
    server: Option<&'a Block>,
    /// Each with what it is said to print, if that is said.
    steps: Vec<(&'a Block, Option<&'a str>)>,
}

/// Parts a document: each block that starts a server begins another walk.
fn walks<'a>(document: &'a Document, blocks: &'a [Block]) -> Vec<Walk<'a>> {
    let mut walks = vec![Walk { document, server: None, steps: Vec::new() }];
    let next = blocks.iter().skip(1).map(Some).chain([None]);
    for (block, next) in blocks.iter().zip(next) {
        if block.language != "sh" || block.mark.is_some() {
            continue;
        }
        if block.argument == "server" {
            walks.push(Walk { document, server: Some(block), steps: Vec::new() });
        } else if let Some(walk) = walks.last_mut() {
            let output = next.filter(|next| next.language == "text");
            walk.steps.push((block, output.map(|output| output.text.as_str())));
        }
    }
    walks.retain(|walk| walk.server.is_some() || !walk.steps.is_empty());
    walks
}

/// The assignments that a command begins with, which has to start a server.
fn variables(command: &str) -> Result<Vec<(&str, &str)>, String> {
    let mut found = Vec::new();
    let mut rest = command.trim();
    while let Some((name, after)) = rest.split_once('=').filter(|(name, _)| name.starts_with("LECTERN_")) {
        let parts = match after.strip_prefix('\'') {
            Some(quoted) => quoted.split_once('\''),
            None => after.split_once([' ', '\n']),
        };
        let (value, after) = parts.ok_or_else(|| format!("no command after {name}"))?;
        found.push((name, value));
        rest = after.trim_start_matches([' ', '\\', '\n']);
    }
    let known = ["lectern serve", "lectern serve 2> lectern.log", "target/release/lectern serve"];
    if known.contains(&rest) {
        return Ok(found);
    }
    Err(format!("a block that starts a server has variables and then one of {known:?}; this one has: {rest}"))
}

impl Walk<'_> {
    fn place(&self) -> String {
        let first = self.server.or(self.steps.first().map(|(block, _)| *block));
        first.map(|block| block.place(self.document)).unwrap_or_default()
    }

    /// The program is on the path, its data where it looks by itself, its log where the document has it.
    async fn go(&self) -> Result<(), String> {
        let folder = TempDir::new().unwrap();
        symlink(root().join("assets"), folder.path().join("assets")).unwrap();
        let server = match self.server {
            None => None,
            Some(block) => {
                let named = variables(&block.text).map_err(|wrong| format!("{}: {wrong}", self.place()))?;
                // As nobody named a recogniser, the one that is there.
                let variables = [vec![("LECTERN_RECOGNIZER", "auto")], named].concat();
                let server = Server::start(&variables).await;
                symlink(server.data_dir(), folder.path().join("lectern-data")).unwrap();
                symlink(server.log_path(), folder.path().join("lectern.log")).unwrap();
                Some(server)
            }
        };
        let url = server.as_ref().map_or_else(|| WRITTEN_ADDRESS.to_owned(), |server| server.url(""));
        let script = self.script().replace(WRITTEN_ADDRESS, &url);
        let Ok(output) = timeout(PATIENCE, shell(folder.path(), &script)).await else {
            return Err(format!("{}: not done after {PATIENCE:?}", self.place()));
        };
        let (said, complaint) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let log = server.as_ref().map(|server| last_lines(&server.log())).unwrap_or_default();
        let border = format!("{BORDER}\n");
        for ((block, expected), printed) in self.steps.iter().zip(said.split(&border)) {
            let Some(expected) = expected.map(|text| text.replace(WRITTEN_ADDRESS, &url)) else { continue };
            if !outputs::fit(&expected, printed) {
                let place = block.place(self.document);
                return Err(format!(
                    "{place}: {}\nshould print:\n{expected}\nand printed:\n{printed}\n{complaint}\n{log}",
                    block.text
                ));
            }
        }
        if output.status.success() {
            return Ok(());
        }
        // The shell stops at the first failure, so the block after the last border is the one that failed.
        let failed = self.steps.get(said.matches(&border).count()).map(|(block, _)| *block);
        let place = failed.map_or_else(|| self.place(), |block| block.place(self.document));
        let text = failed.map(|block| block.text.as_str()).unwrap_or_default();
        Err(format!("{place}: {text}\nended with {}\n{complaint}\n{log}", output.status))
    }

    fn script(&self) -> String {
        let programs = Path::new(env!("CARGO_BIN_EXE_lectern")).parent().unwrap();
        let mut script = format!("export PATH=\"{}:$PATH\" LECTERN_BCRYPT_COST=4\n", programs.display());
        for (block, _) in &self.steps {
            script.extend([&block.text, "\necho '", BORDER, "'\n"]);
        }
        script
    }
}

/// As much of a server's log as helps whoever has to find out what went wrong.
fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
}

#[tokio::test]
async fn every_command_does_what_its_document_says() {
    let documents = all();
    let blocks: Vec<_> = documents.iter().map(Document::blocks).collect();
    let walks = documents.iter().zip(&blocks).flat_map(|(document, blocks)| walks(document, blocks));
    let walks: Vec<_> = walks.collect();
    // So that a mistake in here can't make all of them vanish.
    assert!(walks.len() >= 4 && walks.iter().map(|walk| walk.steps.len()).sum::<usize>() > 25);
    let results = join_all(walks.iter().map(Walk::go)).await;
    let wrong: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert_none(&wrong);
}

#[test]
fn who_does_not_run_a_command_says_why() {
    let ci = source(".ci/run").unwrap();
    let mut wrong = Vec::new();
    for document in all() {
        for block in document.blocks() {
            let complaint = match &block.mark {
                Some(Mark::NotRun(reason)) if !reason.starts_with("needs ") => {
                    "the comment before it has to say what it needs: <!-- not run: needs … -->"
                }
                Some(Mark::RunByCi(command)) if !ci.lines().any(|line| line == command) => {
                    "the comment before it has to name a line of .ci/run: <!-- run by .ci/run: … -->"
                }
                _ => continue,
            };
            wrong.push(format!("{}: {complaint}", block.place(&document)));
        }
    }
    assert_none(&wrong);
}

#[test]
fn a_server_is_started_with_its_variables_and_nothing_else() {
    let command = "LECTERN_A=1 LECTERN_B='two words' \\\n  lectern serve 2> lectern.log\n";
    assert_eq!(variables(command), Ok(vec![("LECTERN_A", "1"), ("LECTERN_B", "two words")]));
    assert_eq!(variables("lectern serve\n"), Ok(vec![]));
    assert!(variables("lectern serve; rm -r x\n").is_err());
}

#[test]
fn each_server_begins_a_walk() {
    let text = "```sh\na\n```\n```sh server\nlectern serve\n```\n```sh\nb\n```\n```text\nB\n```\n\
                <!-- not run: needs x -->\n```sh\nc\n```\n```sh server\nlectern serve\n```\n";
    let document = Document { path: String::new(), text: text.to_owned() };
    let blocks = document.blocks();
    let walks = walks(&document, &blocks);
    let steps = |walk: &Walk<'_>| {
        walk.steps
            .iter()
            .map(|(block, expected)| (block.text.clone(), expected.map(ToOwned::to_owned)))
            .collect()
    };
    let found: Vec<Vec<(String, Option<String>)>> = walks.iter().map(steps).collect();
    let step = |text: &str, expected: Option<&str>| (text.to_owned(), expected.map(ToOwned::to_owned));
    assert_eq!(found, [vec![step("a\n", None)], vec![step("b\n", Some("B\n"))], vec![]]);
}
