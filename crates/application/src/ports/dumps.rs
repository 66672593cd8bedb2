//! Dumps: all that a database holds, in a file, and back.

use std::{collections::BTreeMap, path::Path};

use async_trait::async_trait;
use lectern_domain::transcription::{AudioKey, Sha256};

use super::{Queries, Schema, Source, StoreError, Transactions};

/// Which database a dump is of. It can be restored into one of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl DatabaseKind {
    /// Its name, for files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Sqlite, Self::Postgres].into_iter().find(|kind| kind.name() == name)
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// How much is in a database, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Census {
    /// The rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// The sum of all entries of all ledgers, in integer units.
    pub ledger_sum: i128,
    /// The sum of all balances, in integer units.
    pub balance_sum: i128,
}

impl Census {
    /// The table of accounts.
    pub const ACCOUNTS: &'static str = "users";
    /// The table of ledgers.
    pub const LEDGER: &'static str = "ledger_entries";

    /// How many rows a table has; none if there is no such table.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.rows.get(table).copied().unwrap_or_default()
    }

    /// What is otherwise here than in `promised`, in sentences without their ends.
    pub fn differences(&self, promised: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let tables =
            self.rows.keys().chain(promised.rows.keys().filter(|name| !self.rows.contains_key(*name)));
        for table in tables {
            match (self.rows.get(table), promised.rows.get(table)) {
                (Some(here), Some(there)) if here != there => {
                    found.push(format!("{table} has {here} rows instead of {there}"));
                }
                (Some(_), None) => found.push(format!("there is a table {table}, which should not be there")),
                (None, Some(_)) => found.push(format!("the table {table} is missing")),
                (_, _) => {}
            }
        }
        for (what, here, there) in [
            ("the ledgers' entries add up", self.ledger_sum, promised.ledger_sum),
            ("the balances add up", self.balance_sum, promised.balance_sum),
        ] {
            if here != there {
                found.push(format!("{what} to {here} instead of {there}"));
            }
        }
        found
    }
}

/// A recording, as a database knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordingDigest {
    /// Where the audio store keeps it.
    pub key: AudioKey,
    /// Its size.
    pub bytes: u64,
    /// What its bytes hash to.
    pub sha256: Sha256,
}

/// What is in a dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dumped {
    /// The version of the last migration: digits that grow.
    pub schema: String,
    /// How much there is.
    pub census: Census,
    /// The recordings that transcriptions refer to, by their keys.
    pub recordings: Vec<RecordingDigest>,
}

/// Why a dump could not be taken or used. No error has a password in it.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// A program that does the work is missing, too old or not allowed to do it: what, and what to do, in sentences.
    #[error("{0}")]
    Program(String),
    /// The database does not allow it: what, and what to do, in sentences.
    #[error("{0}")]
    Refused(String),
    /// A program failed.
    #[error("{program} failed")]
    Failed {
        /// Which.
        program: &'static str,
        /// What it said.
        #[source]
        source: Source,
    },
    /// What was dumped can't be read as a database.
    #[error("the dump is no database that can be used")]
    Damaged {
        /// What was met.
        #[source]
        source: Source,
    },
    /// There is no room left.
    #[error("there is no room left for the copy of the database")]
    Full {
        /// What was met.
        #[source]
        source: Source,
    },
    /// A file or folder can't be used.
    #[error("{what}")]
    File {
        /// What can't be done.
        what: String,
        /// What was met.
        #[source]
        source: std::io::Error,
    },
    /// The database failed.
    #[error("the database could not be read or written")]
    Store(#[from] StoreError),
}

/// Takes dumps of one database, and puts them back.
#[async_trait]
pub trait Dumps: Send + Sync {
    /// Which database it is.
    fn kind(&self) -> DatabaseKind;

    /// The version of the last migration that this program knows.
    fn newest_schema(&self) -> Result<String, DumpError>;

    /// What is needed to take a dump, and is there: a few words. Errs if something is missing.
    async fn check(&self) -> Result<String, DumpError>;

    /// Dumps the database into the file `into`, which MUST NOT be there yet. The dump, its census and its recordings MUST
    /// be of one moment after the call, whatever is written meanwhile; nobody who writes MUST have to wait for it.
    async fn dump(&self, into: &Path) -> Result<Dumped, DumpError>;

    /// How many accounts there are, deleted ones too; 0 where there is no database, or one without tables.
    async fn accounts(&self) -> Result<u64, DumpError>;

    /// How many others are connected to the database, as far as it tells. Whoever restores into a database that does not
    /// tell MUST hold the locks that keep servers away.
    async fn others_connected(&self) -> Result<u64, DumpError>;

    /// Puts a dump into a database of its own, which is migrated no further. The database itself MUST stay as it is; the
    /// scratch MUST be gone when it is dropped, or when this fails.
    async fn load(&self, dump: &Path) -> Result<Box<dyn ScratchDatabase>, DumpError>;
}

/// A database beside the real one, with what is in a dump. Gone when it is dropped.
#[async_trait]
pub trait ScratchDatabase: Send + Sync {
    /// How much is in it.
    async fn census(&self) -> Result<Census, DumpError>;

    /// What is broken in what was loaded, in sentences without their ends: pages, indexes, rows that refer to nothing. What
    /// loading has checked need not be looked at again.
    async fn damage(&self) -> Result<Vec<String>, DumpError>;

    /// Its schema.
    fn schema(&self) -> &dyn Schema;

    /// Its reads.
    fn queries(&self) -> &dyn Queries;

    /// Its units of work.
    fn transactions(&self) -> &dyn Transactions;

    /// Puts it in the real database's place, whole or not at all, and answers what the former one is called now, if there
    /// was one: it MUST NOT be lost. Nobody may use the real one.
    async fn replace(self: Box<Self>) -> Result<Option<String>, DumpError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(rows: &[(&str, u64)], ledger_sum: i128) -> Census {
        let rows = rows.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Census { rows, ledger_sum, balance_sum: 0 }
    }

    #[test]
    fn every_difference_is_told_once() {
        let here = census(&[("users", 1), ("jobs", 2), ("new", 0)], 5);
        let there = census(&[("users", 2), ("jobs", 2), ("gone", 0)], -5);
        assert_eq!(here.differences(&here), Vec::<String>::new());
        assert_eq!(
            here.differences(&there),
            [
                "there is a table new, which should not be there",
                "users has 1 rows instead of 2",
                "the table gone is missing",
                "the ledgers' entries add up to 5 instead of -5",
            ]
        );
    }
}
