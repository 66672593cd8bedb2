//! Nothing of a server outlives its owner, however that ends.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod processes;

use std::{
    env,
    io::{self, BufRead, BufReader, Read, Write},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use lectern_services::{PostgreSql, Redis, Service, waiting::until};

const PATIENCE: Duration = Duration::from_secs(30);
/// Set for the process that owns the server until it is killed.
const OWNER: &str = "LECTERN_TEST_OWNER";

/// Has another process own a server, kills that by SIGKILL, and looks for what is left. The other process runs this same
/// test, which is `test`.
fn is_gone_with_its_killed_owner<S: Service>(
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
    let mut lines = BufReader::new(owner.stdout.take().unwrap()).lines().map(Result::unwrap);
    let folder = lines.find_map(|line| Some(PathBuf::from(line.split_once("folder=")?.1))).unwrap();
    assert!(processes::in_folder(&folder).len() > 1, "a server and its keeper are in {}", folder.display());
    owner.kill().unwrap();
    owner.wait().unwrap();
    let gone =
        until(PATIENCE, || (processes::in_folder(&folder).is_empty() && !folder.exists()).then_some(()));
    assert!(gone.is_some(), "{:?} of {} are left", processes::in_folder(&folder), folder.display());
}

/// Tells where the server's folder is and waits to be killed.
fn own(service: &impl Service) {
    let mut out = io::stdout();
    writeln!(out, "folder={}", service.server().folder().display()).unwrap();
    out.flush().unwrap();
    // Ends with the other process, too.
    io::stdin().read_to_end(&mut Vec::new()).unwrap();
}

/// Drops a server and looks for what is left.
fn is_gone_when_dropped(service: impl Service) {
    let folder = service.server().folder().to_owned();
    drop(service);
    assert!(!folder.exists());
    assert_eq!(processes::in_folder(&folder), [0; 0]);
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
}
