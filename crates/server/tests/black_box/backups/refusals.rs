//! What is not restored, and that the database is as it was then.

use std::{fs, path::Path};

use super::{accounts, aside, forget, ok, refused, shown, start, take};
use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::Server,
};

on_both_profiles!(
    a_backup_that_is_not_as_it_was_written_is_refused,
    a_database_that_is_used_or_not_empty_is_not_replaced,
    a_replaced_database_is_kept_aside,
);

/// Every way of using a file that must be refused: what was said.
async fn not_used(server: &Server, file: &Path) -> String {
    let verified = refused(server, &["backup", "--verify", shown(file)]).await;
    let restored = refused(server, &["restore", shown(file), "--yes"]).await;
    assert!(restored.contains("the database is as it was"), "{restored}");
    verified
}

async fn a_backup_that_is_not_as_it_was_written_is_refused(profile: Profile) {
    let mut server = start(profile, &[]).await;
    let root = Account::log_in(&server, "root").await;
    let (file, _) = take(&server).await;
    let known = accounts(&server, &root).await;
    server.terminate().await;
    let (bytes, other) = (fs::read(&file).unwrap(), server.folder().join("other.tar"));

    fs::write(&other, bytes.get(..bytes.len() - 1).unwrap()).unwrap();
    assert!(not_used(&server, &other).await.contains("or its end is missing"));
    for (part, of) in [(0, 1), (1, 3), (1, 2), (5, 6)] {
        let mut changed = bytes.clone();
        *changed.get_mut(bytes.len() * part / of).unwrap() ^= 0x10;
        fs::write(&other, changed).unwrap();
        let said = not_used(&server, &other).await;
        // Where the byte was what tells the end, there is none.
        let is_told = said.contains("is damaged") || said.contains("or its end is missing");
        assert!(is_told, "byte at {part}/{of}: {said}");
    }
    fs::write(&other, "no archive at all").unwrap();
    assert!(not_used(&server, &other).await.contains("is no backup of Lectern"));

    server.restart().await;
    assert_eq!(accounts(&server, &root).await, known);
}

async fn a_database_that_is_used_or_not_empty_is_not_replaced(profile: Profile) {
    let mut server = start(profile, &[]).await;
    let root = Account::log_in(&server, "root").await;
    let (file, _) = take(&server).await;
    Account::register(&server, "ada").await;
    let said = refused(&server, &["restore", shown(&file), "--yes"]).await;
    let expected = match profile {
        Profile::Embedded => "another process uses the data folder",
        Profile::Scaled => "others are connected to the database. Stop all servers",
    };
    assert!(said.contains(expected), "{said}");
    assert_eq!(accounts(&server, &root).await.len(), 2);

    server.terminate().await;
    let said = refused(&server, &["restore", shown(&file)]).await;
    assert!(said.contains("the database has 2 accounts. To replace it, say so with --yes"), "{said}");
    server.restart().await;
    assert_eq!(accounts(&server, &root).await.len(), 2);
}

async fn a_replaced_database_is_kept_aside(profile: Profile) {
    let mut server = start(profile, &[]).await;
    let root = Account::log_in(&server, "root").await;
    let (file, _) = take(&server).await;
    Account::register(&server, "ada").await;
    server.terminate().await;
    let said = ok(&server, &["restore", shown(&file), "--yes"]).await;
    let aside = aside(&said).unwrap();
    if profile == Profile::Embedded {
        let url = format!("sqlite://{aside}");
        let listed = ok(&server, &["user", "list", "--database-url", &url]).await;
        assert!(listed.contains("ada"), "{listed}");
    }
    // It is there, or it could not be removed.
    forget(&server, aside).await;
    server.restart().await;
    assert_eq!(accounts(&server, &root).await.len(), 1);
}
