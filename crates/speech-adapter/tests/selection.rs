//! What the configuration asks for, and what is there.

use std::{fs, os::unix::fs::PermissionsExt};

use lectern_application::ports::{RecognizerError, Speech};
use lectern_speech_adapter::{
    CommandError, Host, PocketSphinx, RecognizerKind, Selection, SelectionError, select,
};

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

// The only test of this program that starts another: a file can't be executed while a process that is just being
// started still has it open for writing.
#[tokio::test]
async fn a_missing_model_is_an_error_with_the_fix() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("pocketsphinx_continuous");
    let complaint = "Acoustic model definition is not specified either with -mdef option or with -hmm";
    fs::write(&program, format!("#!/bin/sh\necho '{complaint}' >&2\nexit 1\n")).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let host = Host { search_path: folder.path().into(), ..Host::current() };
    let Selection::Recognizer(recognizer) = select(&RecognizerKind::PocketSphinx, host).unwrap() else {
        unreachable!("PocketSphinx was asked for")
    };
    let error = recognizer.recognize(Speech { samples: vec![0.0], language: None }).await.unwrap_err();
    assert!(matches!(&error, RecognizerError::NotInstalled { fix, .. } if fix == FIX), "{error:?}");
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
