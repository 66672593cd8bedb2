//! What is left of a program: nothing, whether nobody waits for it any more or it ended by itself.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod speech;
mod watch;

use std::{fs, path::Path, sync::Arc, time::Duration};

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
    let process = wait_for(|| process_with(scratch.path().to_str().unwrap())).await;
    call_off(recognition).await;
    assert!(process.ends_within_a_second());
    assert_eq!(scratch.path().read_dir().unwrap().count(), 0);
}

/// A program that starts a child of its own by `child`, writes its own id and the child's to the file `ids`, and then
/// does `then`, all in a folder.
fn parent(child: &str, then: &str) -> (TempDir, CommandRecognizer) {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    fs::write(&script, format!("cd \"$1\"; {child} & echo $$ $! > ids; {then}")).unwrap();
    let command = format!("sh {} {} {{wav}}", script.display(), folder.path().display());
    let recognizer = CommandRecognizer::parse(&command, Host::current()).unwrap();
    (folder, recognizer)
}

fn processes(folder: &TempDir) -> Option<Vec<Process>> {
    let ids = fs::read_to_string(folder.path().join("ids")).ok()?;
    ids.ends_with('\n').then(|| ids.split_whitespace().map(|id| Process::of(id.parse().unwrap())).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_programs_own_children_are_called_off_with_it() {
    let (folder, recognizer) = parent("sleep 1000", "wait");
    let recognition = begin(Arc::new(recognizer), silence(1));
    let processes = wait_for(|| processes(&folder)).await;
    assert_eq!(processes.len(), 2);
    call_off(recognition).await;
    assert!(processes.iter().all(Process::ends_within_a_second));
}

/// Whether the child ends when its parent does, by itself and with success.
async fn ends_with_its_parent(child: &str) -> bool {
    // The parent ends only when it was seen.
    let (folder, recognizer) = parent(child, "read seen < seen");
    let seen = folder.path().join("seen");
    assert!(std::process::Command::new("mkfifo").arg(&seen).status().unwrap().success());
    let recognition = begin(Arc::new(recognizer), silence(1));
    let processes = wait_for(|| processes(&folder)).await;
    tokio::task::spawn_blocking(|| fs::write(seen, "yes\n")).await.unwrap().unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), recognition).await;
    ended.is_ok_and(|recognized| recognized.is_ok()) && processes.iter().all(Process::ends_within_a_second)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_nobody_hears_ends_with_its_parent() {
    assert!(ends_with_its_parent("sleep 1000 > /dev/null 2>&1").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_that_could_still_print_ends_with_its_parent() {
    assert!(ends_with_its_parent("sleep 1000").await);
}
