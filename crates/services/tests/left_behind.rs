//! Nothing of a server outlives its owner, however that ends.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod processes;

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use lectern_services::{ChromeDriver, Nginx, Port, PostgreSql, RabbitMq, Redis, S3, Service, waiting::until};

const PATIENCE: Duration = Duration::from_secs(30);
/// Set for the process that owns the server until it is killed.
const OWNER: &str = "LECTERN_TEST_OWNER";
/// What the owner tells.
const FOLDER: &str = "folder=";
const STARTED: &str = "started";

/// A service with all its folders.
trait Folders: Service {
    fn folders(&self) -> Vec<PathBuf> {
        vec![self.server().folder().to_owned()]
    }
}

impl Folders for PostgreSql {}
impl Folders for Redis {}
impl Folders for S3 {}
impl Folders for Nginx {}
impl Folders for ChromeDriver {}
impl Folders for RabbitMq {
    fn folders(&self) -> Vec<PathBuf> {
        vec![self.server().folder().to_owned(), self.names().folder().to_owned()]
    }
}

/// Has another process own a server, kills that by SIGKILL, and looks for what is left. The other process runs this same
/// test, which is `test`.
fn is_gone_with_its_killed_owner<S: Folders>(
    test: &str,
    start: impl FnOnce() -> lectern_services::Result<S>,
) {
    if env::var_os(OWNER).is_some() {
        own(&start().unwrap());
        return;
    }
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(OWNER, "yes")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines().map(Result::unwrap);
    let lines: Vec<_> = lines.take_while(|line| line != STARTED).collect();
    let folders: Vec<_> =
        lines.iter().filter_map(|line| Some(Path::new(line.split_once(FOLDER)?.1))).collect();
    assert!(!folders.is_empty(), "{lines:?}");
    for folder in &folders {
        assert!(
            processes::in_folder(folder).len() > 1,
            "a server and its keeper are in {}",
            folder.display()
        );
    }
    owner.kill().unwrap();
    owner.wait().unwrap();
    for folder in folders {
        let gone =
            until(PATIENCE, || (processes::in_folder(folder).is_empty() && !folder.exists()).then_some(()));
        assert!(gone.is_some(), "{:?} of {} are left", processes::in_folder(folder), folder.display());
    }
}

/// Tells where the server's folders are and waits to be killed.
fn own(service: &impl Folders) {
    let mut out = io::stdout();
    for folder in service.folders() {
        writeln!(out, "{FOLDER}{}", folder.display()).unwrap();
    }
    writeln!(out, "{STARTED}").unwrap();
    // Ends with the other process, too.
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Drops a server and looks for what is left.
fn is_gone_when_dropped(service: impl Folders) {
    let folders = service.folders();
    drop(service);
    for folder in folders {
        assert!(!folder.exists());
        assert_eq!(processes::in_folder(&folder), [0; 0]);
    }
}

#[test]
fn a_killed_owner_leaves_nothing_of_postgresql() {
    is_gone_with_its_killed_owner("a_killed_owner_leaves_nothing_of_postgresql", PostgreSql::start);
}

#[test]
fn a_killed_owner_leaves_nothing_of_redis() {
    is_gone_with_its_killed_owner("a_killed_owner_leaves_nothing_of_redis", Redis::start);
}

#[test]
fn a_killed_owner_leaves_nothing_of_a_paused_server() {
    is_gone_with_its_killed_owner("a_killed_owner_leaves_nothing_of_a_paused_server", || {
        let postgres = PostgreSql::start()?;
        postgres.pause()?;
        Ok(postgres)
    });
}

#[test]
fn a_killed_owner_leaves_nothing_of_a_server_that_was_down_in_between() {
    is_gone_with_its_killed_owner(
        "a_killed_owner_leaves_nothing_of_a_server_that_was_down_in_between",
        || {
            let redis = Redis::start()?;
            redis.kill()?;
            redis.restart()?;
            Ok(redis)
        },
    );
}

#[test]
fn a_dropped_server_leaves_nothing() {
    is_gone_when_dropped(PostgreSql::start().unwrap());
    is_gone_when_dropped(Redis::start().unwrap());
    is_gone_when_dropped(RabbitMq::start().unwrap());
    is_gone_when_dropped(S3::start().unwrap());
    is_gone_when_dropped(nginx().unwrap());
    is_gone_when_dropped(ChromeDriver::start().unwrap());
}

#[test]
fn a_killed_owner_leaves_nothing_of_rabbitmq() {
    is_gone_with_its_killed_owner("a_killed_owner_leaves_nothing_of_rabbitmq", RabbitMq::start);
}

#[test]
fn a_killed_owner_leaves_nothing_of_s3() {
    is_gone_with_its_killed_owner("a_killed_owner_leaves_nothing_of_s3", S3::start);
}

#[test]
fn a_killed_owner_leaves_nothing_of_nginx() {
    is_gone_with_its_killed_owner("a_killed_owner_leaves_nothing_of_nginx", nginx);
}

#[test]
fn a_killed_owner_leaves_nothing_of_chromedriver() {
    is_gone_with_its_killed_owner("a_killed_owner_leaves_nothing_of_chromedriver", ChromeDriver::start);
}

/// One before a server that isn't there.
fn nginx() -> lectern_services::Result<Nginx> {
    Nginx::start(&[Port::free()?.address()])
}
