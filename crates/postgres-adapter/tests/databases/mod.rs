//! A database of its own for each test, on the server that `LECTERN_TEST_POSTGRES_URL` names.
//!
//! Databases are copied from a template with the whole schema. It is named after what the migrations say, made by whoever
//! needs it first, and left for the next: the server itself is thrown away.

use std::{
    env, fs,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState},
    num::NonZeroUsize,
    path::Path,
};

use lectern_application::ports::Schema as _;
use lectern_postgres_adapter::{PostgresDatabase, PostgresSettings};
use tokio_postgres::{Client, Config, NoTls};

/// The variable that names the server.
const SERVER: &str = "LECTERN_TEST_POSTGRES_URL";

/// A superuser's URL of the database `postgres`.
#[expect(clippy::disallowed_methods, reason = "where the server is, is a setting of the tests")]
pub(crate) fn server() -> String {
    env::var(SERVER).unwrap_or_else(|_| {
        panic!("set {SERVER}, or run it by `cargo xtask services -- cargo test …`, which starts one")
    })
}

/// The URL of another database on the same server.
pub(crate) fn url_of(database: &str) -> String {
    let server = server();
    let (base, query) = server.split_once('?').unwrap_or((&server, ""));
    let (base, _postgres) = base.rsplit_once('/').unwrap();
    format!("{base}/{database}?{query}")
}

/// A connection past the adapter.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = url.parse::<Config>().unwrap().connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A database that goes with this.
pub(crate) struct TestDatabase {
    /// Where it is.
    pub(crate) url: String,
    name: String,
}

impl TestDatabase {
    /// An empty one, without a schema.
    pub(crate) async fn empty() -> Self {
        Self::copied("template0").await
    }

    /// An empty one with the whole schema.
    pub(crate) async fn migrated() -> Self {
        Self::copied(&template().await).await
    }

    async fn copied(template: &str) -> Self {
        let name = format!("lectern_test_{:016x}", RandomState::new().hash_one(template));
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        connect(&server()).await.batch_execute(&create).await.unwrap();
        Self { url: url_of(&name), name }
    }

    /// How tests use it: few connections, and the patience of tests.
    pub(crate) fn settings(&self) -> PostgresSettings {
        let connections = NonZeroUsize::new(8).unwrap();
        PostgresSettings { connections, ..PostgresSettings::at(self.url.as_str().into()) }
    }
}

impl Drop for TestDatabase {
    /// In a thread of its own: a test's runtime can't be waited for from within.
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&server()).await.batch_execute(&drop).await })
        });
        // A database that stays does no harm: the server is thrown away.
        let _dropped = dropped.join();
    }
}

/// The name of the template. Of those who need it at once, one makes it.
async fn template() -> String {
    let name = format!("lectern_template_{:016x}", migrations());
    let server = connect(&server()).await;
    server.execute("SELECT pg_advisory_lock(hashtextextended($1, 0))", &[&name]).await.unwrap();
    if server.query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name]).await.unwrap().is_none() {
        let making = TestDatabase::empty().await;
        PostgresDatabase::open(&making.settings()).await.unwrap().migrate_up().await.unwrap();
        server.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {}", making.name)).await.unwrap();
    }
    name
}

/// A digest of the migrations.
fn migrations() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/postgres");
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path().join("up.sql")).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        fs::read(file).unwrap().hash(&mut hasher);
    }
    hasher.finish()
}
