//! The commands that an installation is made with.

use std::{fs, os::unix::fs::PermissionsExt as _};

use tempfile::TempDir;

use super::said;
use crate::server::{Server, run};

#[tokio::test]
async fn a_configuration_file_is_begun_for_its_owner_alone() {
    let folder = TempDir::new().unwrap();
    let made = run(folder.path(), &[], &["config", "init", "--data-dir", "/var/lib/lectern"]).await;
    assert!(made.status.success(), "{}", said(&made));
    let file = folder.path().join("lectern.toml");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(&file).unwrap().contains("\ndata_dir = \"/var/lib/lectern\"\n"));
    let checked = run(folder.path(), &[("LECTERN_DATA_DIR", "")], &["config", "check"]).await;
    assert!(said(&checked).contains("data_dir = \"/var/lib/lectern\"  # the file "), "{}", said(&checked));
}

#[tokio::test]
async fn a_configuration_file_that_is_there_is_replaced_only_on_purpose() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("lectern.toml");
    // Not even one that is wrong, which is no reason to refuse, either.
    fs::write(&file, "listn = 1\n").unwrap();
    let refused = run(folder.path(), &[], &["config", "init"]).await;
    assert!(refused.status.code() == Some(2) && said(&refused).contains("--force"), "{}", said(&refused));
    assert_eq!(fs::read_to_string(&file).unwrap(), "listn = 1\n");
    assert!(run(folder.path(), &[], &["config", "init", "--force"]).await.status.success());
    assert!(run(folder.path(), &[], &["config", "check"]).await.status.success());
}

#[tokio::test]
async fn shells_learn_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = said(&run(TempDir::new().unwrap().path(), &[], &["completions", shell]).await);
        for word in ["serve", "doctor", "healthcheck", "public-url"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[tokio::test]
async fn there_is_a_manual_page_for_every_command() {
    let folder = TempDir::new().unwrap();
    let written = run(folder.path(), &[], &["man", "."]).await;
    assert!(written.status.success(), "{}", said(&written));
    for page in ["lectern.1", "lectern-serve.1", "lectern-user-create.1"] {
        assert!(fs::read_to_string(folder.path().join(page)).unwrap().contains(".TH"), "{page}");
    }
    let nowhere = run(folder.path(), &[], &["man", "nowhere"]).await;
    assert!(nowhere.status.code() == Some(1) && said(&nowhere).contains("nowhere"), "{}", said(&nowhere));
}

#[tokio::test]
async fn a_healthcheck_ends_as_the_server_is() {
    let mut server = Server::start(&[]).await;
    let address = server.url("").trim_start_matches("http://").to_owned();
    let listen = ("LECTERN_LISTEN", address.as_str());
    let healthy = run(server.folder(), &[listen], &["healthcheck"]).await;
    assert!(healthy.status.success() && healthy.stdout.is_empty(), "{}", said(&healthy));
    server.kill().await;
    let gone = run(server.folder(), &[listen], &["healthcheck"]).await;
    assert!(gone.status.code() == Some(1) && said(&gone).contains(&address), "{}", said(&gone));
    let unknown = run(server.folder(), &[], &["healthcheck"]).await;
    assert!(unknown.status.code() == Some(2) && said(&unknown).contains("--url"), "{}", said(&unknown));
}
