use std::{os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::TryStreamExt as _;
use lectern_application::ports::{AudioStore, AudioStoreError, ByteRange, StagedAudio};
use lectern_domain::{time::Timestamp, transcription::AudioKey};
use lectern_media_adapter::ObjectAudioStore;
use object_store::{
    ObjectStore as _, ObjectStoreExt as _, PutPayload,
    memory::InMemory,
    path::Path as ObjectPath,
    throttle::{ThrottleConfig, ThrottledStore},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::recordings::is_empty;

const KEY: AudioKey = AudioKey(Uuid::from_u128(0x0190_f3b4_7c1e_7abc_8def_0011_2233_445f));

/// A folder, and a store in it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn audio(&self) -> PathBuf {
        self.folder.path().join("audio")
    }

    fn staging(&self) -> PathBuf {
        self.folder.path().join("staging")
    }

    fn local(&self) -> ObjectAudioStore {
        ObjectAudioStore::local(&self.audio(), &self.staging()).unwrap()
    }

    fn remote(&self) -> ObjectAudioStore {
        ObjectAudioStore::remote(Arc::new(InMemory::new()), &self.staging()).unwrap()
    }
}

/// More than one batch, and more than one part of a multipart upload.
fn content() -> Bytes {
    (0..6_000_000_u32).map(|at| at.to_le_bytes()[1]).collect()
}

async fn staged(store: &dyn AudioStore) -> StagedAudio {
    let mut upload = store.stage().await.unwrap();
    for piece in content().chunks(70_000) {
        upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    upload.finish().await.unwrap()
}

async fn read(store: &dyn AudioStore, range: Option<ByteRange>) -> Vec<u8> {
    let stream = store.read(KEY, range).await.unwrap().bytes;
    stream.try_collect::<Vec<_>>().await.unwrap().concat()
}

#[tokio::test]
async fn an_upload_is_hashed_on_the_way() {
    let place = Place::new();
    let mut upload = place.local().stage().await.unwrap();
    upload.write(Bytes::from_static(b"a")).await.unwrap();
    upload.write(Bytes::from_static(b"bc")).await.unwrap();
    let staged = upload.finish().await.unwrap();
    // FIPS 180-2, appendix B.1.
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!((staged.bytes, staged.sha256.to_string().as_str()), (3, expected));
}

#[tokio::test]
async fn what_is_kept_is_what_was_uploaded() {
    let place = Place::new();
    for store in [place.local(), place.remote()] {
        store.keep(staged(&store).await, KEY).await.unwrap();
        assert!(read(&store, None).await == content(), "{store:?}");
    }
}

#[tokio::test]
async fn a_kept_upload_leaves_no_staging_file() {
    let place = Place::new();
    for store in [place.local(), place.remote()] {
        store.keep(staged(&store).await, KEY).await.unwrap();
        assert!(is_empty(&place.staging()), "{store:?}");
    }
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_no_file() {
    let place = Place::new();
    let store = place.local();
    let mut upload = store.stage().await.unwrap();
    upload.write(content()).await.unwrap();
    drop(upload);
    drop(staged(&store).await);
    assert!(is_empty(&place.staging()));
}

#[tokio::test]
async fn a_folder_hands_out_the_file_itself() {
    let place = Place::new();
    let store = place.local();
    store.keep(staged(&store).await, KEY).await.unwrap();
    let file = store.fetch(KEY).await.unwrap();
    assert!(file.path().starts_with(place.audio().canonicalize().unwrap()), "{file:?}");
}

#[tokio::test]
async fn any_other_store_hands_out_a_copy_that_goes_away() {
    let place = Place::new();
    let store = place.remote();
    store.keep(staged(&store).await, KEY).await.unwrap();
    let file = store.fetch(KEY).await.unwrap();
    assert!(std::fs::read(file.path()).unwrap() == content());
    drop(file);
    assert!(is_empty(&place.staging()));
}

#[tokio::test]
async fn a_range_is_cut_to_the_recording() {
    let place = Place::new();
    for store in [place.local(), place.remote()] {
        store.keep(staged(&store).await, KEY).await.unwrap();
        let range = ByteRange { start: 5_999_000, end: Some(7_000_000) };
        assert!(read(&store, Some(range)).await == content()[5_999_000..], "{store:?}");
        let stream = store.read(KEY, Some(range)).await.unwrap();
        assert_eq!((stream.total, stream.range), (6_000_000, 5_999_000..6_000_000));
    }
}

#[tokio::test]
async fn a_range_beyond_the_end_is_empty() {
    let place = Place::new();
    for store in [place.local(), place.remote()] {
        store.keep(staged(&store).await, KEY).await.unwrap();
        for start in [6_000_000, 9_000_000] {
            let stream = store.read(KEY, Some(ByteRange { start, end: None })).await.unwrap();
            assert_eq!((stream.total, stream.range), (6_000_000, start..start), "{store:?}");
        }
    }
}

#[tokio::test]
async fn what_was_never_kept_is_missing() {
    let place = Place::new();
    for store in [place.local(), place.remote()] {
        assert!(matches!(store.fetch(KEY).await, Err(AudioStoreError::Missing)), "{store:?}");
        assert!(matches!(store.read(KEY, None).await, Err(AudioStoreError::Missing)), "{store:?}");
        let range = ByteRange { start: 1, end: None };
        assert!(matches!(store.read(KEY, Some(range)).await, Err(AudioStoreError::Missing)), "{store:?}");
    }
}

#[tokio::test]
async fn deleting_twice_is_no_error() {
    let place = Place::new();
    for store in [place.local(), place.remote()] {
        store.keep(staged(&store).await, KEY).await.unwrap();
        store.delete(KEY).await.unwrap();
        store.delete(KEY).await.unwrap();
        assert!(matches!(store.fetch(KEY).await, Err(AudioStoreError::Missing)), "{store:?}");
    }
}

#[tokio::test]
async fn recordings_are_found_by_when_they_were_kept() {
    let place = Place::new();
    for store in [place.local(), place.remote()] {
        store.keep(staged(&store).await, KEY).await.unwrap();
        store.ping().await.unwrap();
        let far = Timestamp::from_micros(i64::MAX);
        assert_eq!(store.kept_before(far, None, 10).await.unwrap(), [KEY]);
        assert_eq!(store.kept_before(far, None, 0).await.unwrap(), []);
        assert_eq!(store.kept_before(Timestamp::from_micros(0), None, 10).await.unwrap(), []);
    }
}

#[tokio::test]
async fn a_store_whose_folder_is_gone_does_not_answer_the_ping() {
    let place = Place::new();
    let store = place.local();
    store.ping().await.unwrap();
    std::fs::remove_dir_all(place.staging()).unwrap();
    assert!(matches!(store.ping().await, Err(AudioStoreError::Unavailable { .. })));
}

#[tokio::test]
async fn folders_are_private() {
    let place = Place::new();
    let store = place.local();
    store.keep(staged(&store).await, KEY).await.unwrap();
    for folder in [place.audio(), place.staging(), place.audio().join("5f")] {
        let mode = folder.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{}", folder.display());
    }
}

#[tokio::test]
async fn staging_files_of_a_dead_process_are_removed() {
    let place = Place::new();
    std::fs::create_dir(place.staging()).unwrap();
    std::fs::write(place.staging().join("upload-abc"), "stale").unwrap();
    drop(place.local());
    assert!(is_empty(&place.staging()));
}

#[tokio::test]
async fn staging_files_of_a_living_process_are_left_alone() {
    let place = Place::new();
    let upload = staged(&place.local()).await;
    drop(place.local());
    assert!(upload.file.path().exists());
}

#[tokio::test]
async fn a_copy_of_other_bytes_than_were_kept_is_not_handed_out() {
    let (place, objects) = (Place::new(), Arc::new(InMemory::new()));
    let store = ObjectAudioStore::remote(objects.clone(), &place.staging()).unwrap();
    store.keep(staged(&store).await, KEY).await.unwrap();
    let location = ObjectPath::from(format!("5f/{}", KEY.0));
    let label = objects.get(&location).await.unwrap().attributes;
    objects.put_opts(&location, PutPayload::from_static(b"other"), label.into()).await.unwrap();
    assert!(matches!(store.fetch(KEY).await, Err(AudioStoreError::Unavailable { .. })));
    assert!(is_empty(&place.staging()));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_two_seconds_late_with_everything_works() {
    let (place, late) = (Place::new(), Duration::from_secs(2));
    let config = ThrottleConfig {
        wait_delete_per_call: late,
        wait_get_per_call: late,
        wait_list_per_call: late,
        wait_put_per_call: late,
        ..ThrottleConfig::default()
    };
    let objects = Arc::new(ThrottledStore::new(InMemory::new(), config));
    let store = ObjectAudioStore::remote(objects, &place.staging()).unwrap();
    store.ping().await.unwrap();
    store.keep(staged(&store).await, KEY).await.unwrap();
    assert!(read(&store, None).await == content());
    assert!(std::fs::read(store.fetch(KEY).await.unwrap().path()).unwrap() == content());
    assert_eq!(store.kept_before(Timestamp::from_micros(i64::MAX), None, 9).await.unwrap(), [KEY]);
    store.delete(KEY).await.unwrap();
}
