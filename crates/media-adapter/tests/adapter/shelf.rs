//! Recordings under the numbers of their owners.

use std::{fs, io::Read as _, os::unix::fs::MetadataExt as _, path::PathBuf, time::Duration};

use bytes::Bytes;
use lectern_application::ports::{AudioStore, ShelvedRecording, WorkerShelf};
use lectern_domain::{account::UserNumber, time::Timestamp, transcription::AudioKey};
use lectern_media_adapter::{FolderShelf, ObjectAudioStore};
use tempfile::TempDir;
use uuid::Uuid;

const ONE: AudioKey = AudioKey(Uuid::from_u128(0x1234_0001));
const OTHER: AudioKey = AudioKey(Uuid::from_u128(0x1234_0002));

/// A store in a folder with two recordings, and the shelf in it.
struct Place {
    folder: TempDir,
    store: ObjectAudioStore,
    shelf: FolderShelf,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let audio = folder.path().join("audio");
        let store = ObjectAudioStore::local(&audio, &folder.path().join("staging")).unwrap();
        let shelf = FolderShelf::open(&audio).unwrap();
        let place = Self { folder, store, shelf };
        place.keep(ONE, "one").await;
        place.keep(OTHER, "other").await;
        place
    }

    async fn keep(&self, key: AudioKey, content: &'static str) {
        let mut upload = self.store.stage().await.unwrap();
        upload.write(Bytes::from_static(content.as_bytes())).await.unwrap();
        self.store.keep(upload.finish().await.unwrap(), key).await.unwrap();
    }

    async fn show(&self, shown: &[(i64, AudioKey)]) {
        let shown: Vec<_> = shown
            .iter()
            .map(|(owner, key)| ShelvedRecording { owner: UserNumber(*owner), key: *key })
            .collect();
        self.shelf.show(&shown).await.unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("audio").join(name)
    }

    /// What a worker finds.
    fn found(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    /// The files beside the folders of recordings.
    fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).unwrap().map(Result::unwrap);
        let files = entries.filter(|entry| !entry.file_type().unwrap().is_dir());
        let mut files: Vec<_> = files.map(|entry| entry.file_name().into_string().unwrap()).collect();
        files.sort_unstable();
        files
    }
}

#[tokio::test]
async fn a_recording_is_found_under_its_owners_number_and_takes_no_room() {
    let place = Place::new().await;
    place.show(&[(7, ONE), (8, OTHER)]).await;
    assert_eq!(
        (place.found("7.mp3").as_deref(), place.found("8.mp3").as_deref()),
        (Some("one"), Some("other"))
    );
    let kept = place.store.fetch(ONE).await.unwrap();
    let inode = |path: &std::path::Path| fs::metadata(path).unwrap().ino();
    assert_eq!(inode(kept.path()), inode(&place.path("7.mp3")));
}

#[tokio::test]
async fn what_is_not_shown_any_more_is_gone_and_the_recording_stays() {
    let place = Place::new().await;
    place.show(&[(7, ONE), (8, OTHER)]).await;
    place.show(&[(8, OTHER)]).await;
    assert_eq!(place.files(), ["8.mp3"]);
    place.show(&[]).await;
    assert_eq!(place.files(), [""; 0]);
    assert!(place.store.fetch(ONE).await.is_ok());
}

#[tokio::test]
async fn the_next_recording_takes_the_place_of_the_one_before() {
    let place = Place::new().await;
    place.show(&[(7, ONE)]).await;
    place.show(&[(7, OTHER)]).await;
    assert_eq!(place.found("7.mp3").as_deref(), Some("other"));
    assert_eq!(place.files(), ["7.mp3"]);
}

#[tokio::test]
async fn whoever_has_a_recording_open_reads_on() {
    let place = Place::new().await;
    place.show(&[(7, ONE)]).await;
    let mut open = fs::File::open(place.path("7.mp3")).unwrap();
    place.store.delete(ONE).await.unwrap();
    place.show(&[(7, OTHER)]).await;
    let mut read = String::new();
    open.read_to_string(&mut read).unwrap();
    assert_eq!(read, "one");
}

#[tokio::test]
async fn showing_the_same_again_changes_nothing() {
    let place = Place::new().await;
    place.show(&[(7, ONE)]).await;
    let changed = || {
        let file = fs::metadata(place.path("7.mp3")).unwrap();
        (file.ino(), file.ctime(), file.ctime_nsec(), file.nlink())
    };
    let before = changed();
    place.show(&[(7, ONE)]).await;
    assert_eq!(changed(), before);
}

#[tokio::test]
async fn a_recording_that_was_deleted_is_not_shown_and_nothing_else_is_in_its_place() {
    let place = Place::new().await;
    place.show(&[(7, OTHER)]).await;
    place.store.delete(ONE).await.unwrap();
    place.show(&[(7, ONE)]).await;
    assert_eq!(place.files(), [""; 0]);
}

#[tokio::test]
async fn what_a_server_left_that_was_killed_is_removed() {
    let place = Place::new().await;
    for left in ["7.mp3", "12345.mp3", ".shelf-abcdef"] {
        fs::write(place.path(left), "of the past").unwrap();
    }
    place.show(&[(7, ONE)]).await;
    assert_eq!(place.files(), ["7.mp3"]);
    assert_eq!(place.found("7.mp3").as_deref(), Some("one"));
}

#[tokio::test]
async fn files_of_other_names_are_left_alone() {
    let place = Place::new().await;
    let others = ["007.mp3", "-1.mp3.txt", "lecture.mp3", "notes.txt"];
    for name in others {
        fs::write(place.path(name), "mine").unwrap();
    }
    place.show(&[]).await;
    let mut expected = others.map(str::to_owned);
    expected.sort_unstable();
    assert_eq!(place.files(), expected);
}

#[tokio::test]
async fn what_is_on_the_shelf_is_no_recording_of_the_store() {
    let place = Place::new().await;
    let far = Timestamp::from_micros(i64::MAX / 4).plus(Duration::from_secs(1));
    let before = place.store.kept_before(far, None, 100).await.unwrap();
    place.show(&[(7, ONE), (8, OTHER)]).await;
    assert_eq!(place.store.kept_before(far, None, 100).await.unwrap(), before);
    assert_eq!(before.len(), 2);
}
