//! The contract of the folder of backups.

use std::sync::Arc;

use lectern_backup_adapter::BackupFolder;
use lectern_testkit::contract::backups::BackupsFixture;

lectern_testkit::backups_contract!(async {
    let parent = tempfile::tempdir().unwrap();
    let backups = Arc::new(BackupFolder::new(parent.path().join("of/backups")));
    BackupsFixture { backups, keep: Box::new(parent) }
});
