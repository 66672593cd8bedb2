//! The walks through `docs/accounts.md` and `docs/migrating.md`, block by block, as they are written.

use std::{fs, os::unix::fs::symlink, path::Path};

use crate::server::{Server, shell};

/// A fenced block of a document.
struct Block<'a> {
    /// What stands behind the fence.
    kind: &'a str,
    text: &'a str,
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let fenced = document.split("\n```").skip(1).step_by(2);
    fenced.filter_map(|block| block.split_once('\n')).map(|(kind, text)| Block { kind, text }).collect()
}

/// What the shell prints between two blocks, so that each block's output is told from the next one's.
const BORDER: &str = "-- the next block --";

/// The assignments that a command line begins with.
fn variables(command: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = command;
    while let Some((name, after)) = rest.split_once('=').filter(|(name, _)| name.starts_with("LECTERN_")) {
        let (value, after) = match after.strip_prefix('\'') {
            Some(quoted) => quoted.split_once('\'').unwrap(),
            None => after.split_once(' ').unwrap(),
        };
        found.push((name, value));
        rest = after.trim_start();
    }
    assert!(rest.starts_with("lectern serve"), "{rest}");
    found
}

#[tokio::test]
async fn the_walk_through_accounts_works_as_written() {
    walk("docs/accounts.md", 8).await;
}

#[tokio::test]
async fn the_way_from_another_system_works_as_written() {
    walk("docs/migrating.md", 4).await;
}

/// Goes through a document with more than `least` blocks. The program is on the path, and its data where it looks by itself.
async fn walk(document: &str, least: usize) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let document = fs::read_to_string(root.join(document)).unwrap();
    let blocks = blocks(&document);
    let serve = blocks.iter().find(|block| block.kind == "sh server").unwrap();
    let server = Server::start(&variables(serve.text)).await;

    let mut script = String::new();
    let mut expected = Vec::new();
    for (index, block) in blocks.iter().enumerate().filter(|(_, block)| block.kind == "sh") {
        script.extend([block.text, "\necho '", BORDER, "'\n"]);
        let output = blocks.get(index + 1).filter(|next| next.kind == "text");
        expected.push((block.text, output.map_or("", |output| output.text)));
    }
    let here = format!("BASE={}", server.url(""));
    let script = script.replace("BASE=http://127.0.0.1:8080", &here);
    assert!(script.contains(&here));
    assert!(expected.len() > least, "{}", expected.len());
    let programs = Path::new(env!("CARGO_BIN_EXE_lectern")).parent().unwrap();
    let script = format!("export PATH=\"{}:$PATH\" LECTERN_BCRYPT_COST=4\n{script}", programs.display());

    let folder = tempfile::tempdir().unwrap();
    symlink(server.data_dir(), folder.path().join("lectern-data")).unwrap();
    symlink(server.log_path(), folder.path().join("lectern.log")).unwrap();
    let output = shell(folder.path(), &script).await;
    let said = String::from_utf8(output.stdout).unwrap();
    let border = format!("{BORDER}\n");
    for ((block, expected), printed) in expected.iter().zip(said.split(&border)) {
        assert_eq!(printed.trim_end(), expected.trim_end(), "{block}");
    }
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}
