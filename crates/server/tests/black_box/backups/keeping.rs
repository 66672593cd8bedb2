//! How many backups are kept, and what a failure costs.

use std::{collections::BTreeSet, fs, io::Write as _, path::Path};

use serde_json::json;

use super::{ok, refused, start, take};
use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    small_disk::SmallDisk,
};

on_both_profiles!(
    the_eleventh_backup_removes_the_first_and_nothing_else,
    a_backup_that_fails_is_told_written_down_and_removes_nothing,
    a_full_disk_costs_no_backup_that_is_there,
);

/// The files in a folder.
fn all_files(folder: &Path) -> BTreeSet<String> {
    folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The files in a folder, but hidden ones.
pub(super) fn files(folder: &Path) -> BTreeSet<String> {
    all_files(folder).into_iter().filter(|name| !name.starts_with('.')).collect()
}

async fn the_eleventh_backup_removes_the_first_and_nothing_else(profile: Profile) {
    let server = start(profile, &[]).await;
    let folder = server.data_dir().join("backups");
    let (first, _) = take(&server).await;
    let mine = ["lectern-before-the-move.tar", "notes.txt"];
    for name in mine {
        fs::write(folder.join(name), "mine").unwrap();
    }
    for _ in 2..=10 {
        take(&server).await;
    }
    let ten = files(&folder);
    assert_eq!(ten.len(), 10 + mine.len(), "{ten:?}");
    let (eleventh, said) = take(&server).await;
    assert!(said.contains(&format!("removed {}", first.display())), "{said}");
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let mut expected = ten;
    expected.remove(&name(&first));
    expected.insert(name(&eleventh));
    assert_eq!(files(&folder), expected);
}

async fn a_backup_that_fails_is_told_written_down_and_removes_nothing(profile: Profile) {
    let server = start(profile, &[("LECTERN_BACKUP_KEEP", "1")]).await;
    let root = Account::log_in(&server, "root").await;
    take(&server).await;
    let folder = server.data_dir().join("backups");
    let before = files(&folder);

    // Somebody else is at it.
    let lock = fs::File::open(folder.join(".lock")).unwrap();
    lock.lock().unwrap();
    let said = refused(&server, &["backup"]).await;
    assert!(said.contains("another backup is being taken into"), "{said}");
    drop(lock);
    // No folder at all.
    fs::write(server.folder().join("a file"), "").unwrap();
    let said = refused(&server, &["backup", "--to", "a file"]).await;
    assert!(said.contains("a file can't be used"), "{said}");

    assert_eq!(files(&folder), before);
    ok(&server, &["backup", "--verify"]).await;
    let events = root.get(&server, "/v1/audit-events?kind=backup_failed").await;
    let codes: Vec<_> =
        (0..2).filter_map(|index| events.pointer(&format!("/items/{index}/details/code"))).cloned().collect();
    assert_eq!(codes, [json!("storage_unavailable"), json!("backup_under_way")]);
    let taken = root.get(&server, "/v1/audit-events?kind=backup_taken").await;
    assert_eq!(taken.pointer("/total"), Some(&json!(1)));
}

async fn a_full_disk_costs_no_backup_that_is_there(profile: Profile) {
    let server = start(profile, &[("LECTERN_BACKUP_KEEP", "1")]).await;
    let root = Account::log_in(&server, "root").await;
    let folder = server.folder().join("disk");
    fs::create_dir(&folder).unwrap();
    let disk = SmallDisk::mount(&folder, "8m");
    let take = ["backup", "--to", "disk"];
    ok(&server, &take).await;
    let (before, mut space) = (all_files(&folder), 8 << 20);
    // As much as is left, but a page.
    let mut ballast = fs::File::create(server.folder().join("disk/ballast")).unwrap();
    while space > 4096 {
        if ballast.write(&vec![0; space]).is_err() {
            space /= 2;
        }
    }

    let said = refused(&server, &take).await;
    assert!(said.contains("there is no room left for the copy"), "{said}");
    drop(ballast);
    fs::remove_file(folder.join("ballast")).unwrap();
    assert_eq!(all_files(&folder), before, "nothing is missing, and nothing left of the one that failed");
    ok(&server, &["backup", "--verify", "--to", "disk"]).await;
    let events = root.get(&server, "/v1/audit-events?kind=backup_failed").await;
    assert_eq!(events.pointer("/items/0/details/code"), Some(&json!("storage_full")));
    ok(&server, &take).await;
    assert_eq!(all_files(&folder).len(), before.len(), "with space, it takes the place of the former one");
    drop(disk);
}
