//! The port [`Dumps`], by `pg_dump` and `pg_restore`.
//!
//! A transaction exports its snapshot, `pg_dump` reads under the same, and the transaction counts: so dump and census are of
//! one moment. All of the database is dumped; it should be Lectern's alone.

use std::{ffi::OsStr, path::Path, time::Duration};

use async_trait::async_trait;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Binary, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use lectern_application::{
    ports::{Census, DatabaseKind, DumpError, Dumped, Dumps, RecordingDigest, ScratchDatabase, StoreError},
    slow_queries::SlowQueries,
};
use lectern_domain::transcription::{AudioKey, Sha256};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{
    OpenError, PostgresSettings,
    address::Address,
    connection::{Connection, Connector, Pace},
    failure::Failure,
    migrations,
    programs::{PG_DUMP, PG_RESTORE, Programs},
    scratch::PostgresScratch,
    wire::Wire,
};

/// A server that was stopped a moment ago may still be taking leave of the database.
const FAREWELL: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(100);

/// Dumps of one database, which is connected to for each.
#[derive(Clone)]
pub struct PostgresDumps {
    pub(crate) address: Address,
    pub(crate) connector: Connector,
    pub(crate) programs: Programs,
}

impl PostgresDumps {
    /// Of the database at the settings' URL, by the programs on `path`, a list of folders as in the variable `PATH`, or where
    /// Debian keeps them.
    pub fn new(settings: PostgresSettings, path: &OsStr) -> Result<Self, OpenError> {
        let address = Address::parse(&settings.url)?;
        let wire = Wire::new(&address.protection)?;
        let connector = Connector {
            config: address.config.clone(),
            wire,
            settings,
            // What copies a whole database takes its time, and no request waits for these connections.
            slow: SlowQueries::new(None),
            wait: metrics::Histogram::noop(),
        };
        Ok(Self { address, connector, programs: Programs::on(path) })
    }

    /// A connection to the database.
    pub(crate) async fn connect(&self) -> Result<Connection, DumpError> {
        Ok(self.connector.connect(Pace::Unhurried).await.map_err(StoreError::from)?)
    }

    /// Of another database on the same server.
    pub(crate) fn of(&self, database: &str) -> Self {
        let mut other = self.clone();
        other.address.config.dbname(database);
        other.connector.config.dbname(database);
        other
    }
}

#[async_trait]
impl Dumps for PostgresDumps {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Postgres
    }

    fn newest_schema(&self) -> Result<String, DumpError> {
        migrations::newest().map_err(|source| StoreError::Backend { source }.into())
    }

    async fn check(&self) -> Result<String, DumpError> {
        let mut connection = self.connect().await?;
        let server = ask(&mut connection, server_version).await?;
        let dump = self.programs.find(PG_DUMP, server).await?.version;
        let restore = self.programs.find(PG_RESTORE, server).await?.version;
        Ok(format!("is of version {dump}, pg_restore of {restore}, the server of {server}"))
    }

    async fn dump(&self, into: &Path) -> Result<Dumped, DumpError> {
        let mut connection = self.connect().await?;
        let server = ask(&mut connection, server_version).await?;
        let program = self.programs.find(PG_DUMP, server).await?;
        let snapshot = ask(&mut connection, begin).await?;
        let census = ask(&mut connection, census).await?;
        let schema = ask(&mut connection, schema).await?;
        let recordings = ask(&mut connection, recordings).await?;
        if into.exists() {
            let source = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(DumpError::File { what: format!("can't write {}", into.display()), source });
        }
        // As long as the transaction is open, the snapshot is there.
        let snapshot = format!("--snapshot={snapshot}");
        let arguments = ["--format=custom", "--no-password", "--lock-wait-timeout=60s", &snapshot, "--file"];
        program.run(&self.address, &arguments, into).await?;
        drop(connection);
        Ok(Dumped { schema, census, recordings })
    }

    async fn accounts(&self) -> Result<u64, DumpError> {
        let mut connection = self.connect().await?;
        Ok(ask(&mut connection, census).await?.rows_of(Census::ACCOUNTS))
    }

    async fn others_connected(&self) -> Result<u64, DumpError> {
        let mut connection = self.connect().await?;
        let until = Instant::now() + FAREWELL;
        loop {
            let others = ask(&mut connection, others).await?;
            if others == 0 || Instant::now() >= until {
                return Ok(others);
            }
            sleep(LOOK).await;
        }
    }

    async fn load(&self, dump: &Path) -> Result<Box<dyn ScratchDatabase>, DumpError> {
        Ok(Box::new(PostgresScratch::load(self, dump).await?))
    }
}

/// Runs statements, and explains why they failed.
pub(crate) async fn ask<T>(
    connection: &mut Connection,
    statements: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, Failure>,
) -> Result<T, DumpError> {
    let answer = statements(&mut connection.diesel).await;
    Ok(answer.map_err(|failure| failure.explained(connection.refusals.take().as_ref()))?)
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

#[derive(QueryableByName)]
struct Recorded {
    #[diesel(sql_type = SqlUuid)]
    key: Uuid,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    #[diesel(sql_type = Binary)]
    sha256: Vec<u8>,
}

async fn text(connection: &mut AsyncPgConnection, query: &str) -> Result<Option<String>, Failure> {
    Ok(diesel::sql_query(query).get_result::<Name>(connection).await?.name)
}

async fn count(connection: &mut AsyncPgConnection, query: &str) -> Result<u64, Failure> {
    Ok(diesel::sql_query(query).get_result::<Count>(connection).await?.count.unsigned_abs())
}

/// The server's major version.
pub(crate) async fn server_version(connection: &mut AsyncPgConnection) -> Result<u64, Failure> {
    let version = "SELECT current_setting('server_version_num')::bigint AS count";
    Ok(count(connection, version).await? / 10_000)
}

/// Begins a transaction that sees one moment, and answers how others see the same.
async fn begin(connection: &mut AsyncPgConnection) -> Result<String, Failure> {
    connection
        .batch_execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL idle_in_transaction_session_timeout = 0",
        )
        .await?;
    let snapshot = text(connection, "SELECT pg_export_snapshot() AS name").await?;
    Ok(snapshot.unwrap_or_default())
}

/// How much is in the database.
pub(crate) async fn census(connection: &mut AsyncPgConnection) -> Result<Census, Failure> {
    let mut census = Census::default();
    for table in tables(connection).await? {
        let rows = count(connection, &format!("SELECT count(*) AS count FROM {table}")).await?;
        census.rows.insert(table.trim_matches('"').to_owned(), rows);
    }
    let has = |table: &str| census.rows.contains_key(table);
    let (ledger, accounts) = (has(Census::LEDGER), has(Census::ACCOUNTS));
    if ledger {
        census.ledger_sum = sum(connection, "amount", Census::LEDGER).await?;
    }
    if accounts {
        census.balance_sum = sum(connection, "balance", Census::ACCOUNTS).await?;
    }
    Ok(census)
}

async fn sum(connection: &mut AsyncPgConnection, column: &str, table: &str) -> Result<i128, Failure> {
    let sum = format!("SELECT coalesce(sum({column}), 0)::text AS name FROM {table}");
    let sum = text(connection, &sum).await?.unwrap_or_default();
    sum.parse().map_err(Failure::unstorable)
}

/// The tables, quoted where that is needed.
async fn tables(connection: &mut AsyncPgConnection) -> Result<Vec<String>, Failure> {
    let tables = diesel::sql_query(
        "SELECT quote_ident(relname) AS name FROM pg_class \
         WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace ORDER BY relname",
    );
    Ok(tables.load::<Name>(connection).await?.into_iter().filter_map(|table| table.name).collect())
}

/// The version of the last migration; empty where there is none yet.
async fn schema(connection: &mut AsyncPgConnection) -> Result<String, Failure> {
    if !tables(connection).await?.iter().any(|table| table == "__diesel_schema_migrations") {
        return Ok(String::new());
    }
    let newest = text(connection, "SELECT max(version)::text AS name FROM __diesel_schema_migrations");
    Ok(newest.await?.unwrap_or_default())
}

async fn recordings(connection: &mut AsyncPgConnection) -> Result<Vec<RecordingDigest>, Failure> {
    if !tables(connection).await?.iter().any(|table| table == "transcriptions") {
        return Ok(Vec::new());
    }
    // By way of JSON, as databases of earlier schemas have no such column.
    let rows = diesel::sql_query(
        "SELECT audio_key AS key, audio_bytes AS bytes, audio_sha256 AS sha256 FROM transcriptions \
         WHERE to_jsonb(transcriptions) ->> 'audio_removed_at' IS NULL ORDER BY audio_key",
    );
    let rows = rows.load::<Recorded>(connection).await?;
    rows.into_iter()
        .map(|row| {
            let sha256 = row.sha256.try_into();
            let sha256 =
                sha256.map_err(|_| Failure::unstorable("a digest of a recording has no 32 bytes"))?;
            Ok(RecordingDigest {
                key: AudioKey(row.key),
                bytes: row.bytes.unsigned_abs(),
                sha256: Sha256(sha256),
            })
        })
        .collect()
}

/// How many others are connected. Of others' sessions the server may hide what they are.
async fn others(connection: &mut AsyncPgConnection) -> Result<u64, Failure> {
    let others = "SELECT count(*) AS count FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid() \
                  AND coalesce(backend_type, 'client backend') = 'client backend'";
    count(connection, others).await
}
