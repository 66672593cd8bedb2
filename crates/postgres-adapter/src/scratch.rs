//! A database beside the real one on the same server, and how the two change places.

use std::{path::Path, thread};

use async_trait::async_trait;
use diesel::{
    QueryableByName,
    sql_types::{Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use lectern_application::ports::{Census, DumpError, Queries, Schema, ScratchDatabase, Source, Transactions};
use tokio_postgres::error::SqlState;

use crate::{
    OpenError, PostgresDatabase,
    connection::Connection,
    dumps::{PostgresDumps, ask, census, server_version},
    failure::Failure,
    programs::PG_RESTORE,
};

/// Databases from which others can be renamed: nobody can rename the one that they are connected to.
const MAINTENANCE: [&str; 2] = ["postgres", "template1"];

/// What is in a dump, in a database of its own.
pub(crate) struct PostgresScratch {
    // Disconnected first.
    database: PostgresDatabase,
    scratch: Made,
}

/// A database that was made, to be removed.
struct Made {
    name: String,
    of: PostgresDumps,
    /// Whether it took the real one's place.
    is_kept: bool,
}

impl PostgresScratch {
    pub(crate) async fn load(real: &PostgresDumps, dump: &Path) -> Result<Self, DumpError> {
        let mut connection = real.connect().await?;
        let server = ask(&mut connection, server_version).await?;
        let program = real.programs.find(PG_RESTORE, server).await?;
        let scratch = Made::make(real, &mut connection).await?;
        drop(connection);
        let there = real.of(&scratch.name);
        let arguments = [
            "--exit-on-error",
            "--single-transaction",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
            "--no-password",
            "--dbname",
            &scratch.name,
        ];
        program.run(&there.address, &arguments, dump).await?;
        let database = PostgresDatabase::open_by(there.connector).await.map_err(|error| match error {
            OpenError::NewerSchema { .. } => DumpError::Refused(
                "the dump has migrations that this version of Lectern does not know; use the version that took it"
                    .to_owned(),
            ),
            error => DumpError::Damaged { source: Box::new(error) },
        })?;
        Ok(Self { database, scratch })
    }
}

#[async_trait]
impl ScratchDatabase for PostgresScratch {
    async fn census(&self) -> Result<Census, DumpError> {
        let mut connection = self.scratch.of.of(&self.scratch.name).connect().await?;
        ask(&mut connection, census).await
    }

    /// Every row was put in anew, under all constraints, and every index built: what is broken does not get so far.
    async fn damage(&self) -> Result<Vec<String>, DumpError> {
        Ok(Vec::new())
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
        let Self { database, mut scratch } = *self;
        // Its connections end with it; the server waits five seconds for that before it refuses to rename.
        drop(database);
        scratch.take_place().await.map(Some)
    }
}

impl Made {
    /// Makes it with the real one's locale, by which texts are compared.
    async fn make(real: &PostgresDumps, connection: &mut Connection) -> Result<Self, DumpError> {
        let locale = ask(connection, locale).await?;
        let name = format!("lectern_scratch_{}", ask(connection, unique).await?);
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' {locale}");
        match connection.diesel.batch_execute(&create).await {
            Ok(()) => Ok(Self { name, of: real.clone(), is_kept: false }),
            Err(error) => Err(explained(connection, error)),
        }
    }

    /// Renames both in one transaction.
    async fn take_place(&mut self) -> Result<String, DumpError> {
        let real = self.of.address.config.get_dbname().or(self.of.address.config.get_user());
        let real = real.unwrap_or_default().to_owned();
        // Names have at most 63 bytes; a longer one would be cut to one that may be there.
        let kept: String = real.chars().take(30).collect();
        let mut connection = self.elsewhere(&real).await?;
        let aside = format!("{kept}_before_restore_{}", ask(&mut connection, now).await?);
        let rename = format!(
            "BEGIN; ALTER DATABASE {} RENAME TO {}; ALTER DATABASE {} RENAME TO {}; COMMIT",
            quoted(&real),
            quoted(&aside),
            self.name,
            quoted(&real),
        );
        if let Err(error) = connection.diesel.batch_execute(&rename).await {
            return Err(explained(&connection, error));
        }
        self.is_kept = true;
        Ok(aside)
    }

    /// A connection to another database of the server.
    async fn elsewhere(&self, real: &str) -> Result<Connection, DumpError> {
        let mut failed = None;
        for name in MAINTENANCE.into_iter().filter(|name| *name != real) {
            match self.of.of(name).connect().await {
                Ok(connection) => return Ok(connection),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed
            .unwrap_or_else(|| DumpError::Refused("there is no database to rename others from".to_owned())))
    }
}

/// Whatever became of the work, the database goes. In a thread of its own: the runtime can't be waited for from within.
impl Drop for Made {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let name = self.name.clone();
        let removed = thread::scope(|scope| scope.spawn(|| remove(&self.of, &name)).join());
        if let Ok(Err(error)) | Err(error) = removed.map_err(|_| Source::from("the thread broke down")) {
            tracing::warn!(database = name, %error, "a scratch database could not be removed; drop it by hand");
        }
    }
}

fn remove(of: &PostgresDumps, name: &str) -> Result<(), Source> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = of.connect().await?;
        connection.diesel.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        Ok(())
    })
}

/// What the server refused, and what to do about it.
fn explained(connection: &Connection, error: diesel::result::Error) -> DumpError {
    let code = connection.refusals.take();
    if code == Some(SqlState::INSUFFICIENT_PRIVILEGE) {
        return DumpError::Refused(
            "the role of the database's URL may not make and rename databases: as a superuser, run ALTER ROLE … \
             CREATEDB, and make it the owner of the database"
                .to_owned(),
        );
    }
    if code == Some(SqlState::OBJECT_IN_USE) {
        return DumpError::Refused("others are connected to the database: stop all servers first".to_owned());
    }
    Failure::from(error).explained(code.as_ref()).into()
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

/// 32 letters and digits that nobody else has.
async fn unique(connection: &mut AsyncPgConnection) -> Result<String, Failure> {
    let word = diesel::sql_query("SELECT replace(gen_random_uuid()::text, '-', '') AS word");
    Ok(word.get_result::<Word>(connection).await?.word)
}

/// The time on the server, in UTC, for a name.
async fn now(connection: &mut AsyncPgConnection) -> Result<String, Failure> {
    let word = diesel::sql_query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD_HH24MISSUS') AS word");
    Ok(word.get_result::<Word>(connection).await?.word)
}

#[derive(QueryableByName)]
struct Locale {
    #[diesel(sql_type = Text)]
    collate: String,
    #[diesel(sql_type = Text)]
    ctype: String,
    #[diesel(sql_type = Nullable<Text>)]
    provider: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    icu: Option<String>,
}

/// The real one's locale, in the words of `CREATE DATABASE`. The columns differ from version to version.
async fn locale(connection: &mut AsyncPgConnection) -> Result<String, Failure> {
    let row = diesel::sql_query(
        "SELECT datcollate::text AS collate, datctype::text AS ctype, to_jsonb(d) ->> 'datlocprovider' AS provider, \
         coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS icu \
         FROM pg_database d WHERE datname = current_database()",
    );
    let Locale { collate, ctype, provider, icu } = row.get_result(connection).await?;
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let by_provider = match (provider.as_deref(), icu) {
        (Some("i"), Some(icu)) => format!("LOCALE_PROVIDER icu ICU_LOCALE {}", literal(&icu)),
        (Some("b"), Some(builtin)) => {
            format!("LOCALE_PROVIDER builtin BUILTIN_LOCALE {}", literal(&builtin))
        }
        (_, _) => String::new(),
    };
    Ok(format!("LC_COLLATE {} LC_CTYPE {} {by_provider}", literal(&collate), literal(&ctype)))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
