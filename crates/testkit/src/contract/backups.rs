//! The contract of [`Backups`]: a backup is there whole or not at all, and comes back as it was given.

use std::{any::Any, fs, sync::Arc};

use lectern_application::ports::{
    Backups, BackupsError, Census, DatabaseKind, Manifest, RecordingDigest, StoredBackup,
};
use lectern_domain::{
    time::Timestamp,
    transcription::{AudioKey, Sha256},
};

use crate::build::{at, fresh_id};

/// A folder without backups.
pub struct BackupsFixture {
    /// The folder.
    pub backups: Arc<dyn Backups>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

const DUMP: &[u8] = b"all that there is";

/// The manifest of a backup of that time.
pub fn manifest(taken_at: Timestamp, database: DatabaseKind) -> Manifest {
    let rows = [(Census::ACCOUNTS.to_owned(), 3), (Census::LEDGER.to_owned(), u64::MAX)].into();
    let census = Census { rows, ledger_sum: i128::MIN, balance_sum: i128::MAX };
    Manifest { lectern: "1.2.3".to_owned(), taken_at, database, schema: "20260101000000".to_owned(), census }
}

fn digest() -> RecordingDigest {
    RecordingDigest { key: AudioKey(fresh_id()), bytes: u64::MAX, sha256: Sha256([0xa5; 32]) }
}

impl BackupsFixture {
    async fn keep(&self, taken_at: Timestamp) -> StoredBackup {
        let draft = self.backups.begin().await.unwrap();
        fs::write(draft.dump(), DUMP).unwrap();
        draft.finish(manifest(taken_at, DatabaseKind::Sqlite), vec![digest()]).await.unwrap()
    }

    async fn list(&self) -> Vec<StoredBackup> {
        self.backups.list().await.unwrap()
    }
}

/// A backup comes back as it was given, of whatever database.
pub async fn a_backup_comes_back(fixture: &BackupsFixture) {
    for (seconds, kind) in [(1, DatabaseKind::Sqlite), (2, DatabaseKind::Postgres)] {
        let manifest = manifest(at(seconds), kind);
        let recordings = vec![digest(), digest()];
        let draft = fixture.backups.begin().await.unwrap();
        fs::write(draft.dump(), DUMP).unwrap();
        let stored = draft.finish(manifest.clone(), recordings.clone()).await.unwrap();
        let unpacked = fixture.backups.unpack(&stored.path).await.unwrap();
        assert_eq!((unpacked.manifest, unpacked.recordings), (manifest, recordings));
        assert_eq!(fs::read(unpacked.dump.path()).unwrap(), DUMP);
    }
}

/// What is unpacked goes when nobody needs it any more.
pub async fn an_unpacked_dump_goes_when_it_is_dropped(fixture: &BackupsFixture) {
    let stored = fixture.keep(at(1)).await;
    let unpacked = fixture.backups.unpack(&stored.path).await.unwrap();
    let path = unpacked.dump.path().to_owned();
    assert!(path.exists());
    drop(unpacked);
    assert!(!path.exists());
}

/// The newest comes first, by when it was begun.
pub async fn the_newest_backup_is_listed_first(fixture: &BackupsFixture) {
    assert_eq!(fixture.list().await, []);
    let mut kept = Vec::new();
    for seconds in [2, 3, 1] {
        kept.push(fixture.keep(at(seconds)).await);
    }
    kept.sort_by_key(|backup| std::cmp::Reverse(backup.taken_at));
    assert_eq!(fixture.list().await, kept);
}

/// A backup that is being taken is not there, and dropped, it MUST leave nothing.
pub async fn a_dropped_draft_leaves_nothing(fixture: &BackupsFixture) {
    let draft = fixture.backups.begin().await.unwrap();
    fs::write(draft.dump(), DUMP).unwrap();
    let dump = draft.dump().to_owned();
    assert_eq!(fixture.list().await, []);
    drop(draft);
    assert!(!dump.exists());
    assert_eq!(fixture.list().await, []);
}

/// A backup without its dump can't be finished, and MUST leave nothing.
pub async fn a_failed_draft_leaves_nothing(fixture: &BackupsFixture) {
    let draft = fixture.backups.begin().await.unwrap();
    draft.finish(manifest(at(1), DatabaseKind::Sqlite), Vec::new()).await.unwrap_err();
    assert_eq!(fixture.list().await, []);
    fixture.keep(at(2)).await;
}

/// While one is being taken, another MUST be refused.
pub async fn backups_are_taken_one_at_a_time(fixture: &BackupsFixture) {
    let first = fixture.backups.begin().await.unwrap();
    let second = fixture.backups.begin().await.err().unwrap();
    assert!(matches!(second, BackupsError::Busy { .. }), "{second}");
    drop(first);
    fixture.keep(at(2)).await;
}

/// One is removed, and the others stay; one that is gone already MUST be no error.
pub async fn a_removed_backup_is_gone(fixture: &BackupsFixture) {
    let (first, second) = (fixture.keep(at(1)).await, fixture.keep(at(2)).await);
    fixture.backups.remove(&first).await.unwrap();
    fixture.backups.remove(&first).await.unwrap();
    assert_eq!(fixture.list().await, [second]);
    let gone = fixture.backups.unpack(&first.path).await.unwrap_err();
    assert!(matches!(gone, BackupsError::Missing { .. }), "{gone}");
}

/// Stamps the contract of [`Backups`] as tests.
///
/// Takes an async expression that makes a fresh [`BackupsFixture`].
#[macro_export]
macro_rules! backups_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; backups:
            a_backup_comes_back,
            an_unpacked_dump_goes_when_it_is_dropped,
            the_newest_backup_is_listed_first,
            a_dropped_draft_leaves_nothing,
            a_failed_draft_leaves_nothing,
            backups_are_taken_one_at_a_time,
            a_removed_backup_is_gone,
        );
    };
}
