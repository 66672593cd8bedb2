//! A server that is killed takes its recogniser along. This program is both the server, when it has arguments, and the
//! test.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod watch;

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use lectern_application::ports::{Recognizer, Speech};
use lectern_speech_adapter::{CommandRecognizer, Host};
use watch::{process_with, wait_for};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    match env::args_os().nth(1) {
        Some(scratch) if scratch.as_encoded_bytes().starts_with(b"/") => serve(scratch.into()).await,
        _ => a_killed_server_takes_its_recogniser_along().await,
    }
}

async fn a_killed_server_takes_its_recogniser_along() {
    Command::new("setpriv").arg("--version").output().expect("setpriv is needed: apt-get install util-linux");
    let scratch = tempfile::tempdir().unwrap();
    let mut server = Command::new(env::current_exe().unwrap()).arg(scratch.path()).spawn().unwrap();
    let program = wait_for(|| process_with(&recordings_in(scratch.path()))).await;
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(program.ends_within_a_second());
}

/// How the paths of recordings there begin.
fn recordings_in(scratch: &Path) -> String {
    format!("{}/lectern-", scratch.display())
}

/// Runs a program that never ends. Its output goes elsewhere, or it would notice that nobody reads it.
async fn serve(scratch: PathBuf) {
    let host = Host { scratch, ..Host::current() };
    let recognizer = CommandRecognizer::parse("sh -c 'exec tail -f $0 > /dev/null' {wav}", host).unwrap();
    recognizer.recognize(Speech { samples: vec![0.0; 16_000], language: None }).await.unwrap();
}
