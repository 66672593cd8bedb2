//! Dumps of the database in memory: a file with a number, and what it stands for.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use lectern_application::ports::{
    Census, DatabaseKind, DumpError, Dumped, Dumps, MigrationError, MigrationStatus, Queries,
    RecordingDigest, Schema, ScratchDatabase, StoreError, Transactions,
};

use super::{MemoryDatabase, tables::Tables};
use crate::on_demand::OnDemand;

/// Takes dumps of a [`MemoryDatabase`], and says that they are of SQLite. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct MemoryDumps {
    database: MemoryDatabase,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    taken: Mutex<BTreeMap<u64, Arc<Tables>>>,
    others: AtomicU64,
    failures: AtomicU64,
}

impl MemoryDumps {
    /// The version of the only schema.
    pub const SCHEMA: &'static str = "20260101000000";

    /// Of that database.
    pub fn of(database: MemoryDatabase) -> Self {
        Self { database, shared: Arc::default() }
    }

    /// From now on so many others are connected.
    pub fn connect_others(&self, count: u64) {
        self.shared.others.store(count, Ordering::SeqCst);
    }

    /// The next `count` dumps fail for want of room.
    pub fn fail_next(&self, count: u64) {
        self.shared.failures.store(count, Ordering::SeqCst);
    }
}

fn census(tables: &Tables) -> Census {
    let rows = [
        (Census::ACCOUNTS, tables.users.len()),
        ("sessions", tables.sessions.len()),
        ("transcriptions", tables.transcriptions.len()),
        ("jobs", tables.jobs.len()),
        (Census::LEDGER, tables.ledger.len()),
        ("audit_events", tables.audit.len()),
    ];
    Census {
        rows: rows.map(|(name, count)| (name.to_owned(), u64::try_from(count).unwrap())).into(),
        ledger_sum: tables.ledger.iter().map(|entry| i128::from(entry.parts().amount.get())).sum(),
        balance_sum: tables.users.values().map(|user| i128::from(user.parts().balance)).sum(),
    }
}

fn damaged() -> DumpError {
    DumpError::Damaged { source: Box::new(OnDemand("this is no dump")) }
}

#[async_trait]
impl Dumps for MemoryDumps {
    fn kind(&self) -> DatabaseKind {
        DatabaseKind::Sqlite
    }

    fn newest_schema(&self) -> Result<String, DumpError> {
        Ok(Self::SCHEMA.to_owned())
    }

    async fn check(&self) -> Result<String, DumpError> {
        Ok("memory needs nothing".to_owned())
    }

    async fn dump(&self, into: &Path) -> Result<Dumped, DumpError> {
        self.database.check_reachable()?;
        let fails = &self.shared.failures;
        if fails.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| count.checked_sub(1)).is_ok() {
            return Err(DumpError::Full { source: Box::new(OnDemand("there is no room")) });
        }
        let tables = self.database.committed();
        let mut taken = self.shared.taken.lock().unwrap();
        let number = u64::try_from(taken.len()).unwrap();
        let unusable = |source| DumpError::File { what: "can't write the dump".to_owned(), source };
        let mut file = fs::File::create_new(into).map_err(unusable)?;
        std::io::Write::write_all(&mut file, number.to_string().as_bytes()).map_err(unusable)?;
        let recordings = tables.transcriptions.values().map(|stored| {
            let recording = &stored.transcription.parts().recording;
            RecordingDigest { key: recording.key, bytes: recording.bytes, sha256: recording.sha256 }
        });
        let recordings = recordings.collect();
        let census = census(&tables);
        taken.insert(number, tables);
        Ok(Dumped { schema: Self::SCHEMA.to_owned(), census, recordings })
    }

    async fn accounts(&self) -> Result<u64, DumpError> {
        self.database.check_reachable()?;
        Ok(census(&self.database.committed()).rows_of(Census::ACCOUNTS))
    }

    async fn others_connected(&self) -> Result<u64, DumpError> {
        Ok(self.shared.others.load(Ordering::SeqCst))
    }

    async fn load(&self, dump: &Path) -> Result<Box<dyn ScratchDatabase>, DumpError> {
        let number = fs::read_to_string(dump).ok().and_then(|text| text.parse().ok()).ok_or_else(damaged)?;
        let tables = self.shared.taken.lock().unwrap().get(&number).cloned().ok_or_else(damaged)?;
        let scratch = MemoryDatabase::default();
        scratch.commit(Tables::clone(&tables))?;
        Ok(Box::new(MemoryScratch { scratch, real: self.database.clone() }))
    }
}

struct MemoryScratch {
    scratch: MemoryDatabase,
    real: MemoryDatabase,
}

#[async_trait]
impl ScratchDatabase for MemoryScratch {
    async fn census(&self) -> Result<Census, DumpError> {
        Ok(census(&self.scratch.committed()))
    }

    async fn damage(&self) -> Result<Vec<String>, DumpError> {
        Ok(Vec::new())
    }

    fn schema(&self) -> &dyn Schema {
        &OnlySchema
    }

    fn queries(&self) -> &dyn Queries {
        &self.scratch
    }

    fn transactions(&self) -> &dyn Transactions {
        &self.scratch
    }

    async fn replace(self: Box<Self>) -> Result<Option<String>, DumpError> {
        self.real.commit(Tables::clone(&self.scratch.committed()))?;
        Ok(Some("the former database".to_owned()))
    }
}

/// Memory has no migrations.
struct OnlySchema;

#[async_trait]
impl Schema for OnlySchema {
    async fn migrate_up(&self) -> Result<Vec<String>, MigrationError> {
        Ok(Vec::new())
    }

    async fn migrate_down(&self) -> Result<Option<String>, MigrationError> {
        Ok(None)
    }

    async fn migrate_redo(&self) -> Result<Option<String>, MigrationError> {
        Ok(None)
    }

    async fn migration_status(&self) -> Result<Vec<MigrationStatus>, MigrationError> {
        Ok(Vec::new())
    }

    async fn defects(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}
