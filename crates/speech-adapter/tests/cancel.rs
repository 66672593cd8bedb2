//! A recognition that nobody waits for any more.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod speech;
mod watch;

use std::{fs, path::Path, sync::Arc};

use lectern_application::ports::{Recognizer, Speech};
use lectern_speech_adapter::{CommandRecognizer, Host, PocketSphinx};
use speech::{LECTURE, silence, spoken};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use watch::{Process, process_with, wait_for};

fn host(scratch: &Path) -> Host {
    Host { scratch: scratch.to_owned(), ..Host::current() }
}

fn begin(recognizer: Arc<dyn Recognizer>, speech: Speech) -> JoinHandle<()> {
    tokio::spawn(async move {
        recognizer.recognize(speech).await.unwrap();
    })
}

/// Drops the future.
async fn call_off(recognition: JoinHandle<()>) {
    recognition.abort();
    assert!(recognition.await.unwrap_err().is_cancelled());
}

#[tokio::test(flavor = "multi_thread")]
async fn pocketsphinx_ends_and_leaves_no_recording() {
    let scratch = tempfile::tempdir().unwrap();
    let mut speech = spoken(LECTURE);
    speech.samples = speech.samples.repeat(10);
    let recognition = begin(Arc::new(PocketSphinx::new(host(scratch.path())).unwrap()), speech);
    let process = wait_for(|| process_with(scratch.path().to_str().unwrap()));
    call_off(recognition).await;
    assert!(process.ends_within_a_second());
    assert_eq!(scratch.path().read_dir().unwrap().count(), 0);
}

/// A program that writes the ids of itself and of a child of its own to a file, and waits for the child.
fn patient_parent() -> (TempDir, CommandRecognizer) {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    fs::write(&script, "sleep 1000 & echo $$ $! > \"$1\"; wait").unwrap();
    let ids = folder.path().join("ids");
    let command = format!("sh {} {} {{wav}}", script.display(), ids.display());
    let recognizer = CommandRecognizer::parse(&command, Host::current()).unwrap();
    (folder, recognizer)
}

fn processes(folder: &TempDir) -> Option<Vec<Process>> {
    let ids = fs::read_to_string(folder.path().join("ids")).ok()?;
    ids.ends_with('\n').then(|| ids.split_whitespace().map(|id| Process::of(id.parse().unwrap())).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_programs_own_children_end_too() {
    let (folder, recognizer) = patient_parent();
    let recognition = begin(Arc::new(recognizer), silence(1));
    let processes = wait_for(|| processes(&folder));
    assert_eq!(processes.len(), 2);
    call_off(recognition).await;
    assert!(processes.iter().all(Process::ends_within_a_second));
}
