//! PostgreSQL.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{Port, Result, Server, Service, programs, server::Plan};

/// The superuser.
const USER: &str = "lectern";
/// Whom it runs as if we are root: it refuses root.
const SYSTEM_USER: &str = "postgres";
const PACKAGE: &str = "postgresql";
/// Where Debian has its programs, each version in a folder of its own.
const VERSIONS: &str = "/usr/lib/postgresql";

/// What a commit outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// The server's end, by SIGKILL too, but not the machine's: quick, for tests.
    Process,
    /// The machine's end: as in production, for measurements.
    Machine,
}

/// A PostgreSQL server with the superuser `lectern`, who needs no password, and the database `postgres`; UTF-8, UTC, at
/// most 300 connections.
#[derive(Debug)]
pub struct PostgreSql {
    server: Server,
    programs: PathBuf,
}

impl PostgreSql {
    /// Whether its programs are on this machine.
    pub fn is_installed() -> bool {
        programs().is_ok()
    }

    /// Starts one that is quick.
    pub fn start() -> Result<Self> {
        Self::start_with(Durability::Process)
    }

    /// Starts one whose commits outlive what is asked for.
    pub fn start_with(durability: Durability) -> Result<Self> {
        let programs = programs()?;
        let user = programs::user_for_root(SYSTEM_USER);
        let folder = programs::folder("postgresql", user)?;
        let port = Port::free()?;
        let data = folder.path().join("data");
        programs::run(
            programs::command_as(user, &programs.join("initdb"))
                .current_dir(folder.path())
                .arg("--pgdata")
                .arg(&data)
                .args(["--username", USER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"])
                .arg("--no-sync"),
        )?;
        let mut command = Command::new(programs.join("postgres"));
        command.arg("-D").arg(&data).args(["-p", &port.number().to_string()]);
        for setting in settings(folder.path(), durability) {
            command.args(["-c", &setting]);
        }
        let ready = programs.join("pg_isready");
        let number = port.number().to_string();
        let answers = move || {
            let mut question = Command::new(&ready);
            question.args(["--quiet", "--host", "127.0.0.1", "--port", &number, "--username", USER]);
            question.stdin(Stdio::null()).status().is_ok_and(|status| status.success())
        };
        let server = Server::start(Plan {
            name: "PostgreSQL",
            folder,
            port,
            command: &command,
            user,
            // "Fast": it doesn't wait for its clients to leave.
            farewell: "INT",
            answers: Box::new(answers),
        })?;
        Ok(Self { server, programs })
    }

    /// `psql` on the database `postgres`, printing bare rows and ending with an error at the first failure.
    pub fn psql(&self) -> Command {
        self.program(
            "psql",
            &["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"],
        )
    }

    /// `pgbench` on the database `postgres`.
    pub fn pgbench(&self) -> Command {
        self.program("pgbench", &[])
    }

    fn program(&self, name: &str, arguments: &[&str]) -> Command {
        let address = self.server.address();
        let mut command = Command::new(self.programs.join(name));
        command
            .args(arguments)
            .env("PGHOST", address.ip().to_string())
            .env("PGPORT", address.port().to_string())
            .env("PGUSER", USER)
            .env("PGDATABASE", "postgres");
        command
    }
}

impl Service for PostgreSql {
    fn server(&self) -> &Server {
        &self.server
    }

    fn url(&self) -> String {
        format!("postgres://{USER}@{}/postgres", self.server.address())
    }
}

fn settings(folder: &Path, durability: Durability) -> Vec<String> {
    let is_durable = if durability == Durability::Machine { "on" } else { "off" };
    vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", folder.display()),
        "max_connections=300".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        format!("fsync={is_durable}"),
        format!("full_page_writes={is_durable}"),
    ]
}

/// The folder of the newest PostgreSQL's programs: Debian's, else that of the `postgres` on `PATH`.
fn programs() -> Result<PathBuf> {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| folder.join("initdb").is_file())
        .max();
    if let Some((_, folder)) = newest {
        return Ok(folder);
    }
    let program = programs::find("postgres", &[], PACKAGE)?;
    let program = fs::canonicalize(&program).unwrap_or(program);
    Ok(program.parent().map(Path::to_path_buf).unwrap_or_default())
}
