//! What is wrong with the database, or with how its server is run.

use diesel::{QueryableByName, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_application::ports::StoreError;

use crate::{PostgresDatabase, failure::Failure};

#[derive(QueryableByName)]
struct Defect {
    #[diesel(sql_type = Text)]
    defect: String,
}

/// Each of the queries answers what is wrong, a line each: nothing, as a rule.
const CHECKS: [&str; 6] = [
    // What CREATE INDEX CONCURRENTLY leaves behind when it fails.
    "SELECT 'the index ' || indexrelid::regclass || ' is invalid; rebuild it with REINDEX' AS defect \
     FROM pg_index JOIN pg_class ON pg_class.oid = indrelid \
     WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace ORDER BY 1",
    "SELECT 'the constraint ' || conname || ' of ' || conrelid::regclass || ' was never checked; \
     ALTER TABLE … VALIDATE CONSTRAINT checks it' AS defect \
     FROM pg_constraint WHERE NOT convalidated AND connamespace = current_schema()::regnamespace ORDER BY 1",
    "SELECT 'the trigger ' || tgname || ' of ' || tgrelid::regclass || ' is disabled' AS defect \
     FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid \
     WHERE tgenabled = 'D' AND relnamespace = current_schema()::regnamespace ORDER BY 1",
    "SELECT format('%s pages of this database had wrong checksums: the disk can''t be trusted', checksum_failures) \
     AS defect FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0",
    "SELECT name || ' is off: what was answered as done may be lost with the server; turn it on' AS defect \
     FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY 1",
    "SELECT 'the locale of this database, ' || datctype || ', knows ASCII letters only: looking for accounts by names in \
     others is slow; make a database with a UTF-8 locale' AS defect \
     FROM pg_database WHERE datname = current_database() AND datctype IN ('C', 'POSIX')",
];

impl PostgresDatabase {
    /// What is wrong with the database: indexes and constraints that hold nothing, damaged pages, and settings of the server
    /// that lose what was stored. Empty if all is well. Reads no tables but PostgreSQL's own.
    pub async fn defects(&self) -> Result<Vec<String>, StoreError> {
        self.read_unhurried(defects).await
    }
}

async fn defects(connection: &mut AsyncPgConnection) -> Result<Vec<String>, Failure> {
    let mut defects = Vec::new();
    for check in CHECKS {
        let found = diesel::sql_query(check).load::<Defect>(connection).await?;
        defects.extend(found.into_iter().map(|row| row.defect));
    }
    Ok(defects)
}
