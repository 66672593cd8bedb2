//! A database of its own for each test.

use std::{path::PathBuf, sync::Arc};

use diesel::{Connection, SqliteConnection};
use lectern_application::ports::Schema;
use lectern_sqlite_adapter::SqliteDatabase;
use tempfile::TempDir;

/// A database in a folder that goes with it.
pub(crate) struct Fixture {
    /// The database.
    pub(crate) database: Arc<SqliteDatabase>,
    folder: TempDir,
}

/// An empty database with the whole schema.
pub(crate) async fn migrated() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let database = SqliteDatabase::open(&folder.path().join("lectern.db")).unwrap();
    database.migrate_up().await.unwrap();
    Fixture { database: Arc::new(database), folder }
}

impl Fixture {
    /// The file.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("lectern.db")
    }

    /// A connection past the adapter.
    pub(crate) fn raw(&self) -> SqliteConnection {
        SqliteConnection::establish(self.path().to_str().unwrap()).unwrap()
    }
}
