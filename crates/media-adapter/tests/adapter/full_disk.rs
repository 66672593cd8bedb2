use std::{path::Path, process::Command};

use bytes::Bytes;
use lectern_application::ports::{AudioStore as _, AudioStoreError};
use lectern_domain::{time::Timestamp, transcription::AudioKey};
use lectern_media_adapter::ObjectAudioStore;
use tempfile::TempDir;
use uuid::Uuid;

use crate::recordings::is_empty;

/// A disk of one mebibyte, unmounted when dropped.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    fn mount() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(folder.path())
            .status()
            .is_ok_and(|status| status.success());
        assert!(mounted, "a test of full disks must be able to mount a tmpfs: run it as root");
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.folder.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "umount failed");
    }
}

fn two_mebibytes() -> Bytes {
    vec![1; 2 * 1024 * 1024].into()
}

#[tokio::test]
async fn an_upload_to_a_full_disk_says_so_and_leaves_nothing() {
    let (disk, elsewhere) = (SmallDisk::mount(), tempfile::tempdir().unwrap());
    let staging = disk.path().join("staging");
    let store = ObjectAudioStore::local(elsewhere.path(), &staging).unwrap();
    let mut upload = store.stage().await.unwrap();
    let result = upload.write(two_mebibytes()).await;
    assert!(matches!(result, Err(AudioStoreError::Full { .. })), "{result:?}");
    drop(upload);
    assert!(is_empty(&staging));
}

#[tokio::test]
async fn an_upload_with_a_hole_can_not_be_finished() {
    let (disk, elsewhere) = (SmallDisk::mount(), tempfile::tempdir().unwrap());
    let store = ObjectAudioStore::local(elsewhere.path(), &disk.path().join("staging")).unwrap();
    let mut upload = store.stage().await.unwrap();
    upload.write(two_mebibytes()).await.unwrap_err();
    assert!(upload.finish().await.is_err());
}

#[tokio::test]
async fn keeping_on_a_full_disk_says_so_and_leaves_nothing() {
    let (disk, elsewhere) = (SmallDisk::mount(), tempfile::tempdir().unwrap());
    let audio = disk.path().join("audio");
    let store = ObjectAudioStore::local(&audio, elsewhere.path()).unwrap();
    let mut upload = store.stage().await.unwrap();
    upload.write(two_mebibytes()).await.unwrap();
    let staged = upload.finish().await.unwrap();
    let result = store.keep(staged, AudioKey(Uuid::nil())).await;
    assert!(matches!(result, Err(AudioStoreError::Full { .. })), "{result:?}");
    assert_eq!(store.kept_before(Timestamp::from_micros(i64::MAX), None, 9).await.unwrap(), []);
    assert!(is_empty(&audio.join("00")) && is_empty(elsewhere.path()));
}

#[tokio::test]
async fn a_recording_is_kept_across_disks() {
    let (disk, elsewhere) = (SmallDisk::mount(), tempfile::tempdir().unwrap());
    let store = ObjectAudioStore::local(&disk.path().join("audio"), elsewhere.path()).unwrap();
    let mut upload = store.stage().await.unwrap();
    upload.write(Bytes::from_static(b"sound")).await.unwrap();
    store.keep(upload.finish().await.unwrap(), AudioKey(Uuid::nil())).await.unwrap();
    let file = store.fetch(AudioKey(Uuid::nil())).await.unwrap();
    assert_eq!(std::fs::read(file.path()).unwrap(), b"sound");
}

#[tokio::test]
async fn a_full_disk_does_not_answer_the_ping() {
    let (disk, elsewhere) = (SmallDisk::mount(), tempfile::tempdir().unwrap());
    let store = ObjectAudioStore::local(&disk.path().join("audio"), elsewhere.path()).unwrap();
    std::fs::write(disk.path().join("ballast"), two_mebibytes()).unwrap_err();
    let result = store.ping().await;
    assert!(matches!(result, Err(AudioStoreError::Full { .. })), "{result:?}");
}
