//! The folder for recordings.

use std::{fs, os::unix::fs::PermissionsExt};

use lectern_speech_adapter::Host;

#[test]
fn recordings_of_killed_servers_are_removed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["lectern-a1b2c3.wav", "lectern-notes.txt", "lecture.wav"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    Host::with_scratch(folder.path().to_owned()).unwrap();
    let mut left: Vec<_> =
        folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["lectern-notes.txt", "lecture.wav"]);
}

#[test]
fn the_folder_is_made_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let scratch = folder.path().join("data/scratch");
    let host = Host::with_scratch(scratch.clone()).unwrap();
    assert_eq!(host.scratch, scratch);
    assert_eq!(fs::metadata(scratch).unwrap().permissions().mode() & 0o777, 0o700);
}
