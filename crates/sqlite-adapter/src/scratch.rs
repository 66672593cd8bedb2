//! A database beside the real one, and how the two change places.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use diesel::connection::SimpleConnection as _;
use lectern_application::ports::{
    Census, DumpError, Queries, Schema, ScratchDatabase, StoreError, Transactions,
};
use tempfile::TempDir;

use crate::{
    OpenError, SqliteDatabase,
    connection::Access,
    dumps::{blocking, census, connect_to, failed},
};

/// What SQLite keeps beside a file.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// What is in a dump, in a folder beside the real file.
pub(crate) struct SqliteScratch {
    database: SqliteDatabase,
    file: PathBuf,
    /// The real one.
    real: PathBuf,
    // Removed last.
    folder: TempDir,
}

impl SqliteScratch {
    /// Copies the dump beside the file at `real`, on the same volume.
    pub(crate) fn load(real: PathBuf, dump: &Path) -> Result<Self, DumpError> {
        let beside = real.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let unusable = |source| file_error(format!("can't restore beside {}", real.display()), source);
        DirBuilder::new().recursive(true).mode(0o700).create(beside).map_err(unusable)?;
        let folder =
            tempfile::Builder::new().prefix(".lectern-scratch-").tempdir_in(beside).map_err(unusable)?;
        let file = folder.path().join("lectern.db");
        fs::copy(dump, &file).map_err(unusable)?;
        fs::set_permissions(&file, Permissions::from_mode(0o600)).map_err(unusable)?;
        let database = SqliteDatabase::open(&file).map_err(|error| match error {
            OpenError::NewerSchema { .. } => DumpError::Refused(
                "the dump has migrations that this version of Lectern does not know; use the version that took it"
                    .to_owned(),
            ),
            error => DumpError::Damaged { source: Box::new(error) },
        })?;
        Ok(Self { database, file, real, folder })
    }
}

#[async_trait]
impl ScratchDatabase for SqliteScratch {
    async fn census(&self) -> Result<Census, DumpError> {
        let file = self.file.clone();
        blocking(move || census(&mut connect_to(&file, Access::Read)?)).await
    }

    async fn damage(&self) -> Result<Vec<String>, DumpError> {
        Ok(self.database.defects().await?)
    }

    fn schema(&self) -> &dyn Schema {
        &self.database
    }

    fn queries(&self) -> &dyn Queries {
        &self.database
    }

    fn transactions(&self) -> &dyn Transactions {
        &self.database
    }

    async fn replace(self: Box<Self>) -> Result<Option<String>, DumpError> {
        blocking(move || {
            let Self { database, file, real, folder } = *self;
            drop(database);
            let aside = change_places(&file, &real)?;
            drop(folder);
            Ok(aside)
        })
        .await
    }
}

/// Puts `file` in the place of `real`, which is kept under another name. Until the last rename nothing is lost; after it
/// everything is there.
fn change_places(file: &Path, real: &Path) -> Result<Option<String>, DumpError> {
    let unusable = |source| file_error(format!("can't replace {}", real.display()), source);
    close(file)?;
    File::open(file).and_then(|file| file.sync_all()).map_err(unusable)?;
    // A link leads to where the file is.
    let real = &fs::canonicalize(real).unwrap_or_else(|_| real.to_owned());
    let aside = if real.exists() { Some(set_aside(real)?) } else { None };
    fs::rename(file, real).map_err(unusable)?;
    if let Some(folder) = real.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(unusable)?;
    }
    Ok(aside.map(|aside| aside.display().to_string()))
}

/// Gives the file another name besides its own, so that it is there until it is replaced. A log beside it must not be there
/// for its successor.
fn set_aside(real: &Path) -> Result<PathBuf, DumpError> {
    let unusable = |source| file_error(format!("can't keep {} aside", real.display()), source);
    // A file that is damaged keeps its log, under the same new name.
    if let Err(error) = close(real) {
        tracing::warn!(%error, "the former database can't be closed; it is kept aside as it is");
    }
    let aside = unused_name(real);
    for suffix in BESIDE {
        match fs::rename(with_suffix(real, suffix), with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            Ok(()) | Err(_) => {}
        }
    }
    // Some volumes have no links.
    if fs::hard_link(real, &aside).is_err() {
        fs::copy(real, &aside).map_err(unusable)?;
    }
    Ok(aside)
}

/// Writes the log into the file, and removes it.
fn close(file: &Path) -> Result<(), DumpError> {
    let mut connection = connect_to(file, Access::Write)?;
    connection.batch_execute("PRAGMA journal_mode = DELETE").map_err(failed)?;
    drop(connection);
    if with_suffix(file, "-wal").exists() {
        let source = "its log could not be written into it, as somebody uses it".into();
        return Err(StoreError::Unavailable { source }.into());
    }
    Ok(())
}

/// `lectern.db.before-restore`, or with a number after it.
fn unused_name(real: &Path) -> PathBuf {
    let numbered = |number: u32| match number {
        1 => with_suffix(real, ".before-restore"),
        number => with_suffix(real, &format!(".before-restore-{number}")),
    };
    (1..u32::MAX).map(numbered).find(|name| !name.exists()).unwrap_or_else(|| numbered(u32::MAX))
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn file_error(what: String, source: io::Error) -> DumpError {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            DumpError::Full { source: Box::new(source) }
        }
        _ => DumpError::File { what, source },
    }
}
