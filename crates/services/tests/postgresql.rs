//! PostgreSQL, started, killed and started again.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod processes;

use std::{
    io::Write,
    process::{Command, Stdio},
    time::Duration,
};

use lectern_services::{Durability, PostgreSql, Service as _, waiting::until};

const PATIENCE: Duration = Duration::from_secs(30);

/// What a statement answers.
fn ask(postgres: &PostgreSql, statement: &str) -> String {
    let output = postgres.psql().args(["-c", statement]).output().unwrap();
    assert!(output.status.success(), "{statement}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn it_answers_as_a_server_of_our_own_in_utf_8_and_utc() {
    let postgres = PostgreSql::start().unwrap();
    let settings = "select current_user, current_setting('timezone'), current_setting('server_encoding'), \
        current_setting('max_connections'), current_setting('fsync'), usesuper from pg_user";
    assert_eq!(ask(&postgres, settings), "lectern|UTC|UTF8|300|off|t");
}

#[test]
fn a_durable_one_writes_to_the_disk() {
    let postgres = PostgreSql::start_with(Durability::Machine).unwrap();
    assert_eq!(ask(&postgres, "show fsync"), "on");
}

#[test]
fn its_url_names_it() {
    let postgres = PostgreSql::start().unwrap();
    let mut psql = Command::new(postgres.psql().get_program());
    let output = psql.arg(postgres.url()).args(["--no-psqlrc", "-Atc", "select 'here'"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "here");
}

#[test]
fn what_was_committed_is_there_after_a_crash() {
    let postgres = PostgreSql::start().unwrap();
    ask(&postgres, "create table kept as select 42 as number");
    let url = postgres.url();
    postgres.kill().unwrap();
    assert!(!postgres.psql().args(["-c", "select"]).stderr(Stdio::null()).status().unwrap().success());
    postgres.restart().unwrap();
    assert_eq!(ask(&postgres, "select number from kept"), "42");
    assert_eq!(postgres.url(), url);
}

#[test]
fn a_crash_takes_its_processes_with_it_also_those_at_work() {
    let postgres = PostgreSql::start().unwrap();
    let mut client =
        postgres.psql().stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    writeln!(client.stdin.as_mut().unwrap(), "select pg_sleep_for('1 hour');").unwrap();
    let at_work = "select count(*) from pg_stat_activity where query like 'select pg_sleep_for%'";
    until(PATIENCE, || (ask(&postgres, at_work) == "1").then_some(())).unwrap();
    postgres.kill().unwrap();
    let keeper = 1;
    assert_eq!(processes::in_folder(postgres.server().folder()).len(), keeper);
    client.kill().unwrap();
    client.wait().unwrap();
}

#[test]
fn a_stop_is_a_clean_end() {
    let postgres = PostgreSql::start().unwrap();
    postgres.stop().unwrap();
    assert!(!postgres.server().is_running());
    let log = std::fs::read_to_string(postgres.server().log()).unwrap();
    assert!(log.contains("database system is shut down"), "{log}");
    postgres.restart().unwrap();
    assert_eq!(ask(&postgres, "select 1"), "1");
}

#[test]
fn a_paused_one_answers_nobody_until_it_goes_on() {
    let postgres = PostgreSql::start().unwrap();
    postgres.pause().unwrap();
    let mut client = postgres.psql();
    let mut client = client.args(["-c", "select 1"]).stdout(Stdio::piped()).spawn().unwrap();
    for process in processes::in_folder(&postgres.server().folder().join("data")) {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
        assert!(stat.contains(") T "), "{stat}");
    }
    assert!(client.try_wait().unwrap().is_none());
    postgres.resume().unwrap();
    assert!(client.wait().unwrap().success());
}

#[test]
fn several_at_once_do_not_meet() {
    let servers = [PostgreSql::start().unwrap(), PostgreSql::start().unwrap()];
    for (number, postgres) in servers.iter().enumerate() {
        ask(postgres, &format!("create table mine as select {number} as number"));
    }
    for (number, postgres) in servers.iter().enumerate() {
        assert_eq!(ask(postgres, "select number from mine"), number.to_string());
    }
}
