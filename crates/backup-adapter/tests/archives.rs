//! What becomes of archives that are not as they were written, and what else there is in the folder.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use lectern_application::ports::{Backups as _, BackupsError, DatabaseKind, StoredBackup};
use lectern_backup_adapter::BackupFolder;
use lectern_domain::{time::Timestamp, transcription::Sha256};
use lectern_testkit::{build::at, contract::backups::manifest};
use tempfile::TempDir;

/// The unit of an archive.
const BLOCK: usize = 512;

async fn keep(folder: &BackupFolder, taken_at: Timestamp, dump: &[u8]) -> StoredBackup {
    let draft = folder.begin().await.unwrap();
    fs::write(draft.dump(), dump).unwrap();
    draft.finish(manifest(taken_at, DatabaseKind::Postgres), Vec::new()).await.unwrap()
}

/// A folder with a backup, and a name beside it.
async fn one() -> (TempDir, BackupFolder, StoredBackup, PathBuf) {
    let parent = TempDir::new().unwrap();
    let folder = BackupFolder::new(parent.path());
    let stored = keep(&folder, at(1), b"all that there is").await;
    let other = parent.path().join("changed.tar");
    (parent, folder, stored, other)
}

async fn refused(folder: &BackupFolder, file: &Path) -> BackupsError {
    folder.unpack(file).await.unwrap_err()
}

#[tokio::test]
async fn no_byte_changes_unnoticed() {
    let (_parent, folder, stored, other) = one().await;
    let bytes = fs::read(&stored.path).unwrap();
    for index in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
        let mut changed = bytes.clone();
        *changed.get_mut(index).unwrap() ^= 0x01;
        fs::write(&other, changed).unwrap();
        let error = refused(&folder, &other).await;
        let told = matches!(error, BackupsError::Damaged { .. } | BackupsError::Foreign { .. });
        assert!(told, "byte {index}: {error}");
    }
}

#[tokio::test]
async fn no_end_is_missing_unnoticed() {
    let (_parent, folder, stored, other) = one().await;
    let bytes = fs::read(&stored.path).unwrap();
    for missing in [1, 2, BLOCK - 1, BLOCK, 2 * BLOCK, 4 * BLOCK, 5 * BLOCK, bytes.len() - 1, bytes.len()] {
        fs::write(&other, bytes.get(..bytes.len() - missing).unwrap()).unwrap();
        let error = refused(&folder, &other).await;
        assert!(matches!(error, BackupsError::Foreign { .. }), "{missing} missing: {error}");
    }
    fs::write(&other, [bytes.as_slice(), b"more"].concat()).unwrap();
    refused(&folder, &other).await;
}

/// An archive whose members, as they are, got another checksum at its end.
fn seal(members: &[u8], like: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    let hex = Sha256(sha2::Sha256::digest(members).into()).to_string();
    let (_, end) = like.split_at(like.len() - 4 * BLOCK);
    let mut end = end.to_vec();
    end.get_mut(BLOCK..BLOCK + 64).unwrap().copy_from_slice(hex.as_bytes());
    [members, &end].concat()
}

/// Without its end.
fn members(archive: &[u8]) -> &[u8] {
    archive.get(..archive.len() - 4 * BLOCK).unwrap()
}

/// Replaces texts of the same length.
fn replaced(archive: &[u8], old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let place = archive.windows(old.len()).position(|window| window == old.as_bytes()).unwrap();
    let mut changed = archive.to_vec();
    changed.get_mut(place..place + old.len()).unwrap().copy_from_slice(new.as_bytes());
    changed
}

#[tokio::test]
async fn a_member_of_another_backup_is_told_by_the_manifest() {
    let (_parent, folder, stored, other) = one().await;
    let bytes = fs::read(&stored.path).unwrap();
    let swapped = replaced(members(&bytes), "all that there is", "all that there was".get(..17).unwrap());
    fs::write(&other, seal(&swapped, &bytes)).unwrap();
    let error = refused(&folder, &other).await;
    let said = error.to_string();
    assert!(matches!(error, BackupsError::Damaged { .. }) && said.contains("database.pgdump"), "{said}");
}

#[tokio::test]
async fn a_format_of_the_future_is_named() {
    let (_parent, folder, stored, other) = one().await;
    let bytes = fs::read(&stored.path).unwrap();
    let future = replaced(members(&bytes), "\"format\": 1", "\"format\": 2");
    fs::write(&other, seal(&future, &bytes)).unwrap();
    let error = refused(&folder, &other).await;
    assert!(matches!(error, BackupsError::Newer { format: 2, .. }), "{error}");
}

#[tokio::test]
async fn what_is_no_backup_is_told_as_such() {
    let (parent, folder, _stored, other) = one().await;
    fs::write(&other, "a text that is no archive at all".repeat(200)).unwrap();
    assert!(matches!(refused(&folder, &other).await, BackupsError::Foreign { .. }));
    assert!(matches!(refused(&folder, parent.path()).await, BackupsError::Foreign { .. }));
    let nowhere = parent.path().join("nowhere.tar");
    assert!(matches!(refused(&folder, &nowhere).await, BackupsError::Missing { .. }));
}

#[tokio::test]
async fn only_its_owner_reads_a_backup_and_nothing_is_left_beside_it() {
    let (parent, folder, stored, _) = one().await;
    assert_eq!(stored.path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    drop(folder.unpack(&stored.path).await.unwrap());
    let mut left: Vec<_> =
        parent.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, [".lock".into(), stored.path.file_name().unwrap().to_owned()]);
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_and_other_files_are_left_alone() {
    let (parent, folder, _, _) = one().await;
    let abandoned = parent.path().join(".work-abandoned");
    fs::create_dir(&abandoned).unwrap();
    fs::write(abandoned.join("in-use"), "").unwrap();
    fs::write(abandoned.join("dump"), "half a dump").unwrap();
    fs::write(parent.path().join("notes.txt"), "mine").unwrap();
    keep(&folder, at(2), b"more").await;
    assert!(!abandoned.exists() && parent.path().join("notes.txt").exists());
    assert_eq!(folder.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn any_tar_unpacks_a_backup() {
    let (_parent, _folder, stored, _) = one().await;
    let mut archive = tar::Archive::new(fs::File::open(&stored.path).unwrap());
    let names = archive.entries().unwrap().map(|entry| entry.unwrap().path().unwrap().into_owned());
    let names: Vec<_> = names.map(|name| name.display().to_string()).collect();
    assert_eq!(names, ["manifest.json", "database.pgdump", "audio.jsonl.zst", "archive.sha256"]);
}
