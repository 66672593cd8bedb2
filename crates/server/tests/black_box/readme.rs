//! The README's commands, as they are written.

use std::{fs, path::Path};

use crate::server::{Server, shell};

/// The block of shell commands in the README that holds `part`.
fn block(part: &str) -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let blocks = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
    let found: Vec<_> = blocks.filter(|block| block.contains(part)).collect();
    assert_eq!(found.len(), 1, "one block with {part}");
    found.concat()
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[tokio::test]
async fn the_walk_through_with_curl_works_as_written() {
    let server = Server::start(&[]).await;
    let here = format!("BASE={}", server.url(""));
    let script = block("curl").replace("BASE=http://127.0.0.1:8080", &here);
    assert!(script.contains(&here));
    let output = shell(&root(), &script).await;
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    // What each of the four commands prints: an account, nothing, a queued transcription, a list with it.
    assert!(said.contains(r#""username":"ada""#), "{said}");
    assert_eq!(said.matches(r#""state":"queued""#).count(), 2, "{said}");
    assert!(said.contains(r#""title":"Water""#) && said.contains(r#""total":1"#), "{said}");
}
