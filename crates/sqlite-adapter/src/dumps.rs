//! The port [`Dumps`]: a copy of the file, of one moment.
//!
//! The copy is made by `VACUUM INTO`, which is one read transaction: in WAL mode it sees the file as it was when it began,
//! however long it takes, and keeps nobody from writing. SQLite's online backup API begins anew whenever another
//! connection writes, so under load it might never end, and diesel has no safe way to call it. The copy has no free pages
//! and no log beside it. Row ids of tables that don't name them may become others; no table refers to such.
//!
//! The log grows for as long as a copy is made, and shrinks with the next checkpoint after it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use async_trait::async_trait;
use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _,
    sql_types::{BigInt, Binary, Nullable, Text},
};
use lectern_application::{
    ports::{
        Census, DatabaseKind, DumpError, Dumped, Dumps, RecordingDigest, ScratchDatabase, Source, StoreError,
    },
    slow_queries::SlowQueries,
};
use lectern_domain::transcription::{AudioKey, Sha256};
use uuid::Uuid;

use crate::{
    connection::{Access, connect},
    migrations,
    scratch::SqliteScratch,
};

/// Dumps of the database in one file, which need not be open, nor be there.
#[derive(Debug, Clone)]
pub struct SqliteDumps {
    path: PathBuf,
}

impl SqliteDumps {
    /// Of the file at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

#[async_trait]
impl Dumps for SqliteDumps {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Sqlite
    }

    fn newest_schema(&self) -> Result<String, DumpError> {
        migrations::newest().map_err(|source| StoreError::Backend { source }.into())
    }

    async fn check(&self) -> Result<String, DumpError> {
        Ok("SQLite is part of the program".to_owned())
    }

    async fn dump(&self, into: &Path) -> Result<Dumped, DumpError> {
        let (dumps, into) = (self.clone(), into.to_owned());
        blocking(move || {
            if into.exists() {
                let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
                return Err(DumpError::File { what: format!("can't write {}", into.display()), source });
            }
            let quoted = text_of(&into)?.replace('\'', "''");
            // To connect would make a file that is not there.
            fs::metadata(&dumps.path).map_err(|source| DumpError::File {
                what: format!("can't read {}", dumps.path.display()),
                source,
            })?;
            // A connection that must not write may not write into the new file either.
            let mut connection = connect_to(&dumps.path, Access::Write)?;
            connection.batch_execute(&format!("VACUUM INTO '{quoted}'")).map_err(failed)?;
            let mut copy = plainly(&into)?;
            Ok(Dumped {
                schema: schema(&mut copy)?,
                census: census(&mut copy)?,
                recordings: recordings(&mut copy)?,
            })
        })
        .await
    }

    async fn accounts(&self) -> Result<u64, DumpError> {
        let dumps = self.clone();
        blocking(move || {
            if !dumps.path.exists() {
                return Ok(0);
            }
            Ok(census(&mut connect_to(&dumps.path, Access::Read)?)?.rows_of(Census::ACCOUNTS))
        })
        .await
    }

    /// SQLite does not tell: the lock beside the file does.
    async fn others_connected(&self) -> Result<u64, DumpError> {
        Ok(0)
    }

    async fn load(&self, dump: &Path) -> Result<Box<dyn ScratchDatabase>, DumpError> {
        let (path, dump) = (self.path.clone(), dump.to_owned());
        let scratch = blocking(move || SqliteScratch::load(path, &dump)).await?;
        Ok(Box::new(scratch))
    }
}

/// A connection as the program has them.
pub(crate) fn connect_to(path: &Path, access: Access) -> Result<SqliteConnection, DumpError> {
    // What copies a whole database takes its time.
    let connected = connect(text_of(path)?, access, &SlowQueries::new(None));
    connected.map_err(|error| StoreError::Unavailable { source: Box::new(error) }.into())
}

/// A connection that changes nothing about the file.
fn plainly(path: &Path) -> Result<SqliteConnection, DumpError> {
    SqliteConnection::establish(text_of(path)?)
        .map_err(|error| DumpError::Damaged { source: Box::new(error) })
}

fn text_of(path: &Path) -> Result<&str, DumpError> {
    path.to_str().ok_or_else(|| DumpError::File {
        what: format!("SQLite takes paths in UTF-8 only, unlike {}", path.display()),
        source: std::io::ErrorKind::InvalidFilename.into(),
    })
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A sum in two halves: each is far from what 64 bits hold, which the whole may not be.
#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    high: i64,
    #[diesel(sql_type = BigInt)]
    low: i64,
}

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = Binary)]
    key: Vec<u8>,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    #[diesel(sql_type = Binary)]
    sha256: Vec<u8>,
}

/// The version of the last migration; empty where there is none yet.
fn schema(connection: &mut SqliteConnection) -> Result<String, DumpError> {
    if !tables(connection)?.iter().any(|table| table == "__diesel_schema_migrations") {
        return Ok(String::new());
    }
    let newest = diesel::sql_query("SELECT max(version) AS name FROM __diesel_schema_migrations");
    Ok(newest.get_result::<Name>(connection).map_err(failed)?.name.unwrap_or_default())
}

/// How much is in it. Should be asked of a file that nobody writes to.
pub(crate) fn census(connection: &mut SqliteConnection) -> Result<Census, DumpError> {
    let mut census = Census::default();
    for table in tables(connection)? {
        let count = format!("SELECT count(*) AS count FROM \"{}\"", table.replace('"', "\"\""));
        let Count { count } = diesel::sql_query(count).get_result(connection).map_err(failed)?;
        census.rows.insert(table, count.unsigned_abs());
    }
    let has = |table: &str| census.rows.contains_key(table);
    let (ledger, accounts) = (has(Census::LEDGER), has(Census::ACCOUNTS));
    if ledger {
        census.ledger_sum = sum(connection, "amount", Census::LEDGER)?;
    }
    if accounts {
        census.balance_sum = sum(connection, "balance", Census::ACCOUNTS)?;
    }
    Ok(census)
}

fn sum(connection: &mut SqliteConnection, column: &str, table: &str) -> Result<i128, DumpError> {
    let sums = diesel::sql_query(format!(
        "SELECT coalesce(sum({column} >> 32), 0) AS high, coalesce(sum({column} & 4294967295), 0) AS low FROM {table}"
    ));
    let Sum { high, low } = sums.get_result(connection).map_err(failed)?;
    Ok((i128::from(high) << 32) + i128::from(low))
}

/// The tables that hold what others are made of: without the index of words, which is made anew with them.
fn tables(connection: &mut SqliteConnection) -> Result<Vec<String>, DumpError> {
    let tables = diesel::sql_query(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' \
         ESCAPE '\\' ORDER BY name",
    );
    let tables = tables.load::<Name>(connection).map_err(failed)?;
    Ok(tables.into_iter().filter_map(|table| table.name).collect())
}

fn recordings(connection: &mut SqliteConnection) -> Result<Vec<RecordingDigest>, DumpError> {
    if !tables(connection)?.iter().any(|table| table == "transcriptions") {
        return Ok(Vec::new());
    }
    // Databases of earlier schemas have no such column.
    let removed = diesel::sql_query(
        "SELECT name FROM pragma_table_info('transcriptions') WHERE name = 'audio_removed_at'",
    );
    let removed = removed.load::<Name>(connection).map_err(failed)?;
    let kept = if removed.is_empty() { "true" } else { "audio_removed_at IS NULL" };
    let rows = diesel::sql_query(format!(
        "SELECT audio_key AS key, audio_bytes AS bytes, audio_sha256 AS sha256 FROM transcriptions WHERE {kept} \
         ORDER BY audio_key"
    ));
    let rows = rows.load::<Recorded>(connection).map_err(failed)?;
    rows.into_iter().map(recording).collect()
}

fn recording(row: Recorded) -> Result<RecordingDigest, DumpError> {
    let corrupt = |source: Source| DumpError::Damaged { source };
    Ok(RecordingDigest {
        key: AudioKey(Uuid::from_slice(&row.key).map_err(|error| corrupt(error.into()))?),
        bytes: row.bytes.unsigned_abs(),
        sha256: Sha256(
            row.sha256.try_into().map_err(|_| corrupt("a digest of a recording has no 32 bytes".into()))?,
        ),
    })
}

/// What SQLite refused, as the port says it.
pub(crate) fn failed(error: diesel::result::Error) -> DumpError {
    let message = error.to_string();
    if message.starts_with("database or disk is full") {
        return DumpError::Full { source: Box::new(error) };
    }
    if ["file is not a database", "database disk image is malformed"]
        .iter()
        .any(|said| message.starts_with(said))
    {
        return DumpError::Damaged { source: Box::new(error) };
    }
    StoreError::from(crate::failure::Failure::from(error)).into()
}

/// Runs what blocks where it may.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, DumpError> + Send + 'static,
) -> Result<T, DumpError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => Err(StoreError::Backend { source: Box::new(ended) }.into()),
    }
}
