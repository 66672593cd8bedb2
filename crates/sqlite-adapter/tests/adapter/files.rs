//! What is on the disk.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use lectern_application::ports::Schema;
use lectern_sqlite_adapter::{OpenError, SqliteDatabase};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn only_the_owner_can_read_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lectern.db");
    let database = SqliteDatabase::open(&path).unwrap();
    database.migrate_up().await.unwrap();
    let modes =
        ["lectern.db", "lectern.db-wal", "lectern.db-shm"].map(|name| mode(&folder.path().join(name)));
    assert_eq!(modes, [0o600; 3]);
}

#[test]
fn missing_folders_are_made_for_the_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    SqliteDatabase::open(&folder.path().join("a/b/lectern.db")).unwrap();
    assert_eq!(mode(&folder.path().join("a/b")), 0o700);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lectern.db");
    let letter = "Dear diary, ".repeat(1000);
    fs::write(&path, &letter).unwrap();
    assert!(matches!(SqliteDatabase::open(&path), Err(OpenError::Database { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), letter);
}
