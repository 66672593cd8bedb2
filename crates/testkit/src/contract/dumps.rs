//! The contract of [`Dumps`]: what is dumped is of one moment, and comes back.

use std::{any::Any, fs, path::PathBuf, sync::Arc};

use futures::future::join_all;
use lectern_application::ports::{Census, Dumped, Dumps, Queries, RecordingDigest, Transactions};
use lectern_domain::account::{Login, Username};
use tempfile::TempDir;

use super::without_hanging;
use crate::build::{ledger_entry, transcription, user};

/// An empty database, and dumps of it.
pub struct DumpsFixture {
    /// The dumps.
    pub dumps: Arc<dyn Dumps>,
    /// The database's units of work.
    pub transactions: Arc<dyn Transactions>,
    /// Its reads.
    pub queries: Arc<dyn Queries>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

impl DumpsFixture {
    /// Makes accounts.
    async fn sign_up(&self, names: &[&str]) {
        let mut work = self.transactions.begin().await.unwrap();
        for name in names {
            work.insert_user(user(name).build()).await.unwrap();
        }
        work.commit().await.unwrap();
    }

    async fn dump(&self) -> (TempDir, PathBuf, Dumped) {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("it's a dump");
        let dumped = without_hanging(self.dumps.dump(&file)).await.unwrap();
        (folder, file, dumped)
    }

    /// The census of what is in a dump.
    async fn loaded(&self, file: &std::path::Path) -> Census {
        self.dumps.load(file).await.unwrap().census().await.unwrap()
    }
}

async fn knows(queries: &dyn Queries, name: &str) -> bool {
    let login = Login::Username(Username::parse(name).unwrap());
    queries.account_by_login(&login).await.unwrap().is_some()
}

/// A dump has what was committed, and says how much that is.
pub async fn a_dump_has_what_was_committed_and_counts_it(fixture: &DumpsFixture) {
    let mut work = fixture.transactions.begin().await.unwrap();
    let ada = work.insert_user(user("ada").build()).await.unwrap().id();
    work.insert_entry(&ledger_entry(ada, i64::MAX, i64::MAX).build()).await.unwrap();
    work.insert_entry(&ledger_entry(ada, i64::MAX, i64::MAX).build()).await.unwrap();
    work.insert_entry(&ledger_entry(ada, -7, i64::MAX - 7).build()).await.unwrap();
    let lecture = transcription(ada).build();
    let recording = lecture.recording.clone();
    work.insert_transcription(lecture).await.unwrap();
    work.commit().await.unwrap();

    let (_folder, file, dumped) = fixture.dump().await;
    assert_eq!((dumped.census.rows_of(Census::ACCOUNTS), dumped.census.rows_of(Census::LEDGER)), (1, 3));
    assert_eq!(dumped.census.ledger_sum, 2 * i128::from(i64::MAX) - 7, "more than 64 bits hold");
    let digest = RecordingDigest { key: recording.key, bytes: recording.bytes, sha256: recording.sha256 };
    assert_eq!(dumped.recordings, [digest]);
    assert_eq!(fixture.loaded(&file).await, dumped.census);
}

/// The schema of a dump is the one that the program knows.
pub async fn a_dump_says_its_schema(fixture: &DumpsFixture) {
    let (_folder, _file, dumped) = fixture.dump().await;
    assert_eq!(dumped.schema, fixture.dumps.newest_schema().unwrap());
}

/// Dump, census and recordings MUST be of one moment, whatever is written meanwhile, and nobody MUST have to wait.
pub async fn a_dump_is_of_one_moment_while_others_write(fixture: &DumpsFixture) {
    let mut work = fixture.transactions.begin().await.unwrap();
    let ada = work.insert_user(user("ada").build()).await.unwrap().id();
    work.commit().await.unwrap();
    let writing = async {
        for number in 0_u32..40 {
            // Both or none: in each moment there are as many entries as accounts besides Ada's.
            let mut work = fixture.transactions.begin().await.unwrap();
            work.insert_user(user(&format!("writer{number}")).build()).await.unwrap();
            work.insert_entry(&ledger_entry(ada, 5, 5).build()).await.unwrap();
            work.commit().await.unwrap();
        }
    };
    let dumping = async { join_all((0..3).map(|_| fixture.dump())).await };
    let ((), dumps) = without_hanging(async { tokio::join!(writing, dumping) }).await;
    for (_folder, file, dumped) in dumps {
        let accounts = dumped.census.rows_of(Census::ACCOUNTS);
        assert_eq!(dumped.census.rows_of(Census::LEDGER), accounts - 1);
        assert_eq!(dumped.census.ledger_sum, 5 * i128::from(accounts - 1));
        assert_eq!(fixture.loaded(&file).await, dumped.census);
    }
}

/// A unit that is open is not part of a dump, nor in its way.
pub async fn an_open_unit_is_not_in_a_dump(fixture: &DumpsFixture) {
    let mut work = fixture.transactions.begin().await.unwrap();
    work.insert_user(user("ada").build()).await.unwrap();
    let (_folder, _file, dumped) = fixture.dump().await;
    assert_eq!(dumped.census.rows_of(Census::ACCOUNTS), 0);
    work.commit().await.unwrap();
}

/// The file MUST NOT be there yet: nothing is overwritten.
pub async fn a_dump_overwrites_nothing(fixture: &DumpsFixture) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("dump");
    fs::write(&file, "somebody's").unwrap();
    fixture.dumps.dump(&file).await.unwrap_err();
    assert_eq!(fs::read_to_string(&file).unwrap(), "somebody's");
}

/// Accounts are counted, so that nobody replaces them by mistake.
pub async fn accounts_are_counted(fixture: &DumpsFixture) {
    assert_eq!(fixture.dumps.accounts().await.unwrap(), 0);
    fixture.sign_up(&["ada", "bob"]).await;
    assert_eq!(fixture.dumps.accounts().await.unwrap(), 2);
}

/// Loading MUST leave the database as it is, and what is done to the scratch is gone with it.
pub async fn a_scratch_is_beside_the_database(fixture: &DumpsFixture) {
    fixture.sign_up(&["ada"]).await;
    let (_folder, file, _) = fixture.dump().await;
    fixture.sign_up(&["bob"]).await;
    let scratch = fixture.dumps.load(&file).await.unwrap();
    assert!(knows(scratch.queries(), "ada").await && !knows(scratch.queries(), "bob").await);
    let mut work = scratch.transactions().begin().await.unwrap();
    work.insert_user(user("eve").build()).await.unwrap();
    work.commit().await.unwrap();
    assert_eq!(scratch.damage().await.unwrap(), Vec::<String>::new());
    drop(scratch);
    let known = [knows(&*fixture.queries, "bob").await, knows(&*fixture.queries, "eve").await];
    assert_eq!(known, [true, false]);
    assert_eq!(
        fixture.loaded(&file).await.rows_of(Census::ACCOUNTS),
        1,
        "a dump is loaded as often as one likes"
    );
}

/// What is no dump is refused, and the database stays as it is.
pub async fn what_is_no_dump_is_refused(fixture: &DumpsFixture) {
    fixture.sign_up(&["ada"]).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("dump");
    fs::write(&file, "this is no dump, but some text that is as long as you like. ".repeat(100)).unwrap();
    assert!(fixture.dumps.load(&file).await.is_err());
    assert!(knows(&*fixture.queries, "ada").await);
}

/// Stamps the contract of [`Dumps`] as tests. What happens when databases change places is tested by each adapter, as
/// nobody may use the database then.
///
/// Takes an async expression that makes a fresh [`DumpsFixture`].
#[macro_export]
macro_rules! dumps_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; dumps:
            a_dump_has_what_was_committed_and_counts_it,
            a_dump_says_its_schema,
            a_dump_is_of_one_moment_while_others_write,
            an_open_unit_is_not_in_a_dump,
            a_dump_overwrites_nothing,
            accounts_are_counted,
            a_scratch_is_beside_the_database,
            what_is_no_dump_is_refused,
        );
    };
}
