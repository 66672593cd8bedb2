//! `pg_dump` and `pg_restore`: where they are, of which version, and how they are run.
//!
//! Nothing about the database is an argument, as arguments are for everybody on the machine to see: all goes by the variables
//! of `libpq`, which only the same user sees.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use lectern_application::ports::{DumpError, Source};
use tokio::process::Command;
use tokio_postgres::config::{Config, Host, SslNegotiation, TargetSessionAttrs};

use crate::address::{Address, Protection};

pub(crate) const PG_DUMP: &str = "pg_dump";
pub(crate) const PG_RESTORE: &str = "pg_restore";
/// Where Debian keeps the programs of each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Where systems keep the certificates that they trust, for versions of `libpq` that can't be told to use them.
const AUTHORITIES: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
/// By which OpenSSL is told of other ones.
const CERTIFICATES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/// The first version whose `libpq` knows the system's certificates by `sslrootcert=system`.
const KNOWS_SYSTEM: u64 = 16;
/// So much of what a program says is shown: its end, which says why.
const SHOWN: usize = 1000;

/// The folders with PostgreSQL's programs.
#[derive(Debug, Clone)]
pub(crate) struct Programs {
    folders: Vec<PathBuf>,
}

impl Programs {
    /// Those on `path`, then those of Debian, the newest first.
    pub(crate) fn on(path: &OsStr) -> Self {
        let mut folders: Vec<_> = env::split_paths(path).collect();
        let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
        let mut versions: Vec<(u64, PathBuf)> = versions
            .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
            .collect();
        versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
        folders.extend(versions.into_iter().map(|(_, folder)| folder));
        Self { folders }
    }

    /// Every one of that name.
    fn all<'a>(&'a self, program: &'a str) -> impl Iterator<Item = PathBuf> + 'a {
        self.folders.iter().map(move |folder| folder.join(program)).filter(|program| program.is_file())
    }

    /// One that is at least of the server's version.
    pub(crate) async fn find(&self, name: &'static str, server: u64) -> Result<Program, DumpError> {
        let mut newest = None;
        for path in self.all(name) {
            let Some(version) = version(&path).await else { continue };
            if version >= server {
                return Ok(Program { name, path, version, folders: self.folders.clone() });
            }
            newest = newest.max(Some(version));
        }
        let what = match newest {
            Some(version) => format!("{name} is of version {version}, but the server is of version {server}"),
            None => format!("{name} is missing"),
        };
        Err(DumpError::Program(format!(
            "{what}: install PostgreSQL's client programs of version {server} or later (Debian: apt-get install \
             postgresql-client-{server})"
        )))
    }
}

/// A program that was found.
#[derive(Debug)]
pub(crate) struct Program {
    name: &'static str,
    path: PathBuf,
    pub(crate) version: u64,
    folders: Vec<PathBuf>,
}

impl Program {
    /// Runs it on the database at `address`; the last argument is a file. Ends with this future.
    pub(crate) async fn run(
        &self,
        address: &Address,
        arguments: &[&str],
        file: &Path,
    ) -> Result<(), DumpError> {
        let failed = |source: Source| DumpError::Failed { program: self.name, source };
        let mut command = Command::new(&self.path);
        command.args(arguments).arg(file).stdin(Stdio::null()).kill_on_drop(true);
        command
            .env_clear()
            .env("PATH", env::join_paths(&self.folders).unwrap_or_default())
            .env("LC_ALL", "C");
        command.envs(CERTIFICATES.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.envs(variables(address, self.version));
        let output = command.output().await.map_err(|error| failed(error.into()))?;
        if output.status.success() {
            return Ok(());
        }
        if said(&output).contains("No space left on device") {
            return Err(DumpError::Full { source: said(&output).into() });
        }
        Err(failed(format!("{}: {}", output.status, said(&output)).into()))
    }
}

/// The end of what it said, in one line.
fn said(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let said = lines.join("; ");
    let skipped = said.chars().count().saturating_sub(SHOWN);
    said.chars().skip(skipped).collect()
}

/// The major version of a program, by what it says: `pg_dump (PostgreSQL) 15.18 (Debian …)`.
async fn version(program: &Path) -> Option<u64> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().await.ok()?;
    major(&String::from_utf8_lossy(&output.stdout))
}

fn major(said: &str) -> Option<u64> {
    let (_, version) = said.split_once("(PostgreSQL) ")?;
    version.split(|digit: char| !digit.is_ascii_digit()).next()?.parse().ok()
}

/// What `libpq` is told by its variables.
fn variables(address: &Address, version: u64) -> Vec<(&'static str, std::ffi::OsString)> {
    let config = &address.config;
    let mut variables = vec![("PGAPPNAME", "lectern backup".into())];
    variables.extend([("PGHOST", hosts(config).into()), ("PGPORT", listed(config.get_ports()).into())]);
    if !config.get_hostaddrs().is_empty() {
        variables.push(("PGHOSTADDR", listed(config.get_hostaddrs()).into()));
    }
    let texts = [
        ("PGUSER", config.get_user()),
        ("PGDATABASE", config.get_dbname()),
        ("PGOPTIONS", config.get_options()),
    ];
    variables.extend(texts.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?.into()))));
    if let Some(password) = config.get_password() {
        use std::os::unix::ffi::OsStrExt as _;
        variables.push(("PGPASSWORD", OsStr::from_bytes(password).into()));
    }
    if let Some(timeout) = config.get_connect_timeout() {
        variables.push(("PGCONNECT_TIMEOUT", timeout.as_secs().max(1).to_string().into()));
    }
    if config.get_target_session_attrs() == TargetSessionAttrs::ReadWrite {
        variables.push(("PGTARGETSESSIONATTRS", "read-write".into()));
    }
    match &address.protection {
        Protection::Plain => variables.push(("PGSSLMODE", "disable".into())),
        Protection::Tls { roots } => {
            variables.push(("PGSSLMODE", "verify-full".into()));
            variables.push(("PGSSLROOTCERT", authorities(roots.as_deref(), version)));
            if config.get_ssl_negotiation() == SslNegotiation::Direct {
                variables.push(("PGSSLNEGOTIATION", "direct".into()));
            }
        }
    }
    variables
}

fn authorities(roots: Option<&Path>, version: u64) -> std::ffi::OsString {
    match roots {
        Some(roots) => roots.into(),
        None if version >= KNOWS_SYSTEM => "system".into(),
        None => {
            let known = AUTHORITIES.iter().find(|file| Path::new(file).is_file());
            known.unwrap_or(&"system").into()
        }
    }
}

fn hosts(config: &Config) -> String {
    let host = |host: &Host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    };
    config.get_hosts().iter().map(host).collect::<Vec<_>>().join(",")
}

fn listed<T: ToString>(values: &[T]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str, version: u64) -> Vec<(&'static str, String)> {
        let address = Address::parse(&url.into()).unwrap();
        let told = variables(&address, version).into_iter();
        told.map(|(name, value)| (name, value.into_string().unwrap())).collect()
    }

    #[test]
    fn a_program_says_its_version() {
        assert_eq!(major("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("pg_dump (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("pg_dumb 15"), None);
    }

    #[test]
    fn what_the_url_says_goes_to_the_program() {
        let url = "postgres://ada:s3%20cr3t@db1:5433,db2/lectern?sslmode=require&sslrootcert=/ca.pem\
                   &options=-csearch_path%3Dlectern&target_session_attrs=read-write&connect_timeout=7";
        assert_eq!(
            told(url, 15),
            [
                ("PGAPPNAME", "lectern backup"),
                ("PGHOST", "db1,db2"),
                ("PGPORT", "5433,5432"),
                ("PGUSER", "ada"),
                ("PGDATABASE", "lectern"),
                ("PGOPTIONS", "-csearch_path=lectern"),
                ("PGPASSWORD", "s3 cr3t"),
                ("PGCONNECT_TIMEOUT", "7"),
                ("PGTARGETSESSIONATTRS", "read-write"),
                ("PGSSLMODE", "verify-full"),
                ("PGSSLROOTCERT", "/ca.pem"),
            ]
            .map(|(name, value)| (name, value.to_owned()))
        );
    }

    #[test]
    fn a_certificate_is_asked_for_by_whatever_version() {
        let url = "postgres://ada@db/lectern?sslmode=require";
        assert!(told(url, 16).contains(&("PGSSLROOTCERT", "system".to_owned())));
        assert!(told(url, 15).contains(&("PGSSLMODE", "verify-full".to_owned())));
        assert!(told("postgres://ada@db/lectern", 16).contains(&("PGSSLMODE", "disable".to_owned())));
    }

    #[tokio::test]
    async fn a_missing_program_is_told_with_its_package() {
        let none = Programs { folders: Vec::new() };
        let said = none.find(PG_DUMP, 16).await.unwrap_err().to_string();
        assert!(said.contains("pg_dump is missing") && said.contains("postgresql-client-16"), "{said}");
    }

    #[tokio::test]
    async fn a_program_that_is_older_than_the_server_is_told_with_both_versions() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join(PG_DUMP);
        fs::write(&program, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.2'\n").unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        let old = Programs { folders: vec![folder.path().to_owned()] };
        let said = old.find(PG_DUMP, 16).await.unwrap_err().to_string();
        assert!(said.contains("version 13") && said.contains("version 16"), "{said}");
        assert_eq!(old.find(PG_DUMP, 13).await.unwrap().version, 13);
    }
}
