//! The database file, and who may use it when.

use std::{
    fs, io,
    num::NonZeroUsize,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use deadpool::{
    Runtime,
    unmanaged::{Object, Pool, PoolConfig},
};
use diesel::SqliteConnection;
use lectern_application::{
    metrics::catalogue::{CONNECTION_WAIT, READERS, WRITER},
    ports::{Gauges, Source, StoreError, Transactions, UnitOfWork},
    slow_queries::SlowQueries,
};

use crate::{
    blocking::blocking,
    connection::{Access, connect},
    failure::Failure,
    gauges, migrations,
    transaction::{Transaction, Writer},
    unit::SqliteUnitOfWork,
};

/// Where the database is, and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteSettings {
    /// The file. It and its folder are made if they are missing, readable for their owner only.
    pub path: PathBuf,
    /// How many queries run at once.
    pub readers: NonZeroUsize,
    /// How long a unit of work or a query waits for its turn before it is [`StoreError::Unavailable`].
    pub wait: Duration,
    /// Statements that take longer are logged. `None`: none is.
    pub slow_statement: Option<Duration>,
}

impl SqliteSettings {
    /// The file at `path`, as many readers as the machine has cores, ten seconds of patience, no statement logged.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let readers = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { path: path.into(), readers, wait: Duration::from_secs(10), slow_statement: None }
    }
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// SQLite takes paths in UTF-8 only.
    #[error("the path of the database, {}, is not UTF-8", path.display())]
    Path {
        /// The path.
        path: PathBuf,
    },
    /// The file, or its folder, can't be made or read.
    #[error("the database {} can't be opened", path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What was met.
        #[source]
        source: io::Error,
    },
    /// It is there, but is no database that SQLite can use.
    #[error("the database {} can't be used", path.display())]
    Database {
        /// The path.
        path: PathBuf,
        /// What was met.
        #[source]
        source: Source,
    },
    /// A newer Lectern has changed the schema. This one would not understand what it reads.
    #[error(
        "the database {} was migrated by a newer version of Lectern (this one does not know {}): \
         use that version, or one after it",
        path.display(), unknown.join(", ")
    )]
    NewerSchema {
        /// The path.
        path: PathBuf,
        /// The versions of the migrations that this program does not have.
        unknown: Vec<String>,
    },
}

/// An open database.
pub struct SqliteDatabase {
    writer: Pool<Writer>,
    readers: Pool<SqliteConnection>,
    /// How long whoever wanted one waited.
    waits: Waits,
}

/// Waits for connections, by what these are for.
struct Waits {
    writer: metrics::Histogram,
    reader: metrics::Histogram,
}

impl SqliteDatabase {
    /// Opens the database at `path`, or makes an empty one. It is not migrated: see [`migrate_up`](lectern_application::ports::Schema::migrate_up).
    ///
    /// Blocks for a few reads of the file, so call it before serving.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(&SqliteSettings::at(path))
    }

    /// Removes the database at `path`, with what SQLite keeps beside it, and answers whether there was one. Nobody may
    /// have it open.
    pub fn remove(path: &Path) -> io::Result<bool> {
        let mut removed = false;
        for suffix in ["-wal", "-shm", ""] {
            let mut file = path.as_os_str().to_owned();
            file.push(suffix);
            match fs::remove_file(&file) {
                Ok(()) => removed |= suffix.is_empty(),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(removed)
    }

    /// As [`SqliteDatabase::open`], with other settings.
    pub fn open_with(settings: &SqliteSettings) -> Result<Self, OpenError> {
        let path = create_file(&settings.path)
            .map_err(|source| OpenError::File { path: settings.path.clone(), source })?;
        let url = path.to_str().ok_or_else(|| OpenError::Path { path: path.clone() })?;
        let unusable = |source: Source| OpenError::Database { path: path.clone(), source };

        let slow = SlowQueries::new(settings.slow_statement);
        let mut writer = connect(url, Access::Write, &slow).map_err(|source| unusable(source.into()))?;
        let unknown = migrations::unknown(&mut writer).map_err(unusable)?;
        if !unknown.is_empty() {
            return Err(OpenError::NewerSchema { path, unknown });
        }
        let readers = (0..settings.readers.get())
            .map(|_| connect(url, Access::Read, &slow).map_err(|source| unusable(source.into())))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            writer: pool(vec![Writer::new(url.to_owned(), writer, slow)], settings.wait),
            readers: pool(readers, settings.wait),
            waits: Waits { writer: CONNECTION_WAIT.of([WRITER]), reader: CONNECTION_WAIT.of([READERS]) },
        })
    }

    /// Waits for the writer.
    pub(crate) async fn writer(&self) -> Result<Object<Writer>, StoreError> {
        let began = Instant::now();
        let writer = self.writer.get().await;
        self.waits.writer.record(began.elapsed());
        writer.map_err(|source| StoreError::Unavailable { source: Box::new(source) })
    }

    /// Runs statements that only read on a connection of their own.
    pub(crate) async fn read<T, S>(&self, statements: S) -> Result<T, StoreError>
    where
        T: Send + 'static,
        S: FnOnce(&mut SqliteConnection) -> Result<T, Failure> + Send + 'static,
    {
        let began = Instant::now();
        let reader = self.readers.get().await;
        self.waits.reader.record(began.elapsed());
        let mut reader = reader.map_err(|source| StoreError::Unavailable { source: Box::new(source) })?;
        blocking(move || statements(&mut reader)).await
    }
}

#[async_trait]
impl Transactions for SqliteDatabase {
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let writer = self.writer().await?;
        let transaction = blocking(move || Transaction::begin(writer)).await?;
        Ok(Box::new(SqliteUnitOfWork::new(transaction)))
    }
}

impl Gauges for SqliteDatabase {
    fn measure(&self) {
        gauges::measure(WRITER, &self.writer.status());
        gauges::measure(READERS, &self.readers.status());
    }
}

/// Makes the file and its folder if they are missing, and answers the file's absolute path. SQLite gives the files
/// that it makes beside it (`-wal`, `-shm`) the same mode.
fn create_file(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
    Ok(path)
}

fn pool<T>(members: Vec<T>, wait: Duration) -> Pool<T> {
    let config = PoolConfig { max_size: members.len(), timeout: Some(wait), runtime: Some(Runtime::Tokio1) };
    let pool = Pool::from_config(&config);
    for member in members {
        // There is room for all of them, and the pool is open: the pool can't refuse one.
        let _added = pool.try_add(member);
    }
    pool
}
