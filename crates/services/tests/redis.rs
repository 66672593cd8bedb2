//! Redis, started, killed and started again.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    time::Duration,
};

use lectern_services::{Redis, Service as _};

/// What a command answers, by its first line.
fn ask(redis: &Redis, command: &str) -> String {
    let mut connection = TcpStream::connect(redis.server().address()).unwrap();
    write!(connection, "{command}\r\n").unwrap();
    let mut answer = String::new();
    BufReader::new(connection).read_line(&mut answer).unwrap();
    answer.trim().to_owned()
}

#[test]
fn it_answers_at_its_url() {
    let redis = Redis::start().unwrap();
    assert_eq!(redis.url(), format!("redis://{}/", redis.server().address()));
    assert_eq!(ask(&redis, "PING"), "+PONG");
}

#[test]
fn a_crash_refuses_connections_and_forgets_everything() {
    let redis = Redis::start().unwrap();
    let address = redis.server().address();
    assert_eq!(ask(&redis, "SET key value"), "+OK");
    redis.kill().unwrap();
    TcpStream::connect(address).unwrap_err();
    redis.restart().unwrap();
    assert_eq!(redis.server().address(), address);
    assert_eq!(ask(&redis, "GET key"), "$-1");
}

#[test]
fn a_stopped_one_starts_again() {
    let redis = Redis::start().unwrap();
    redis.stop().unwrap();
    TcpStream::connect(redis.server().address()).unwrap_err();
    redis.restart().unwrap();
    assert_eq!(ask(&redis, "PING"), "+PONG");
}

#[test]
fn a_paused_one_accepts_connections_and_says_nothing_until_it_goes_on() {
    let redis = Redis::start().unwrap();
    redis.pause().unwrap();
    let mut connection = TcpStream::connect(redis.server().address()).unwrap();
    connection.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    connection.write_all(b"PING\r\n").unwrap();
    let mut answers = BufReader::new(connection);
    let mut answer = String::new();
    answers.read_line(&mut answer).unwrap_err();
    answers.get_ref().set_read_timeout(None).unwrap();
    redis.resume().unwrap();
    answers.read_line(&mut answer).unwrap();
    assert_eq!(answer, "+PONG\r\n");
}
