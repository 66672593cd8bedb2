//! What the configuration asks for, and what is there.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use lectern_application::ports::{RecognizerError, Speech};
use lectern_speech_adapter::{
    CommandError, Host, PocketSphinx, RecognizerKind, Selection, SelectionError, select,
};
use tempfile::TempDir;

const FIX: &str = "apt-get install pocketsphinx pocketsphinx-en-us";

/// A machine without any program.
fn bare() -> Host {
    Host { search_path: "/nonexistent".into(), ..Host::current() }
}

fn name_of(selection: Selection) -> Option<String> {
    match selection {
        Selection::Recognizer(recognizer) => Some(recognizer.name()),
        Selection::None | Selection::NothingInstalled { .. } => None,
    }
}

#[test]
fn auto_finds_pocketsphinx() {
    let selected = select(&RecognizerKind::Auto, Host::current()).unwrap();
    assert_eq!(name_of(selected).as_deref(), Some("PocketSphinx"), "to have it: {FIX}");
}

#[test]
fn auto_says_what_to_do_when_nothing_is_installed() {
    let selected = select(&RecognizerKind::Auto, bare()).unwrap();
    assert!(matches!(selected, Selection::NothingInstalled { fix } if fix == FIX));
}

#[test]
fn a_recognizer_that_was_asked_for_and_is_missing_is_an_error_with_the_fix() {
    let error = PocketSphinx::new(bare()).unwrap_err();
    assert!(matches!(&error, RecognizerError::NotInstalled { fix, .. } if fix == FIX));
    assert!(select(&RecognizerKind::PocketSphinx, bare()).is_err());
    let error = select(&RecognizerKind::Command("whisper-cli {wav}".to_owned()), bare()).err().unwrap();
    assert!(error.to_string().contains("whisper-cli is not installed"), "{error}");
}

/// A machine with one program, which is a shell script. It is written by another process: had this one a file open for
/// writing while another test starts a program, the script could not be run until that has begun.
fn with_program(name: &str, script: &str) -> (TempDir, Host) {
    let folder = tempfile::tempdir().unwrap();
    let write = std::process::Command::new("sh")
        .args(["-c", r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod 700 "$0""#])
        .arg(folder.path().join(name))
        .arg(script)
        .status();
    assert!(write.unwrap().success());
    let host = Host { search_path: folder.path().into(), ..Host::current() };
    (folder, host)
}

#[tokio::test]
async fn a_missing_model_is_an_error_with_the_fix() {
    let complaint = "Acoustic model definition is not specified either with -mdef option or with -hmm";
    let (_folder, host) = with_program("pocketsphinx_continuous", &format!("echo '{complaint}' >&2; exit 1"));
    let Selection::Recognizer(recognizer) = select(&RecognizerKind::PocketSphinx, host).unwrap() else {
        unreachable!("PocketSphinx was asked for")
    };
    let error = recognizer.recognize(Speech { samples: vec![0.0], language: None }).await.unwrap_err();
    assert!(matches!(&error, RecognizerError::NotInstalled { fix, .. } if fix == FIX), "{error:?}");
}

#[tokio::test]
async fn a_setpriv_without_death_signals_is_not_used() {
    let (_folder, host) = with_program("setpriv", "echo 'unrecognized option: pdeathsig' >&2; exit 1");
    let command = RecognizerKind::Command("/bin/sh -c 'echo good morning' {wav}".to_owned());
    let Selection::Recognizer(recognizer) = select(&command, host).unwrap() else {
        unreachable!("a command was asked for")
    };
    let said = recognizer.recognize(Speech { samples: vec![0.0], language: None }).await.unwrap();
    assert_eq!(said[0].text, "good morning");
}

#[test]
fn a_command_is_checked_before_it_is_needed() {
    let error = select(&RecognizerKind::Command("sh".to_owned()), Host::current()).err().unwrap();
    assert!(matches!(error, SelectionError::Command(CommandError::NoRecording)));
    let selected = select(&RecognizerKind::Command("sh -c true {wav}".to_owned()), Host::current()).unwrap();
    assert_eq!(name_of(selected).as_deref(), Some("sh"));
}

#[test]
fn none_is_none() {
    assert!(matches!(select(&RecognizerKind::None, Host::current()), Ok(Selection::None)));
}
