//! The proxy before a server that sends back what it gets.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use lectern_services::{
    Direction::{ToClient, ToServer},
    Moment, Port, PostgreSql, Proxy, Service as _,
    waiting::until,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A server that sends everything back, and tells what it got of each connection when that has ended.
fn echo() -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (got, told) = mpsc::channel();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let (mut connection, got) = (connection.unwrap(), got.clone());
            thread::spawn(move || {
                let (mut all, mut bytes) = (Vec::new(), [0; 1024]);
                while let Ok(count) = connection.read(&mut bytes) {
                    if count == 0 {
                        break;
                    }
                    all.extend_from_slice(&bytes[..count]);
                    if connection.write_all(&bytes[..count]).is_err() {
                        break;
                    }
                }
                let _ = got.send(all);
            });
        }
    });
    (address, told)
}

fn connect(proxy: &Proxy) -> TcpStream {
    let connection = TcpStream::connect(proxy.address()).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection
}

/// Sends something and reads as much.
fn exchange(connection: &mut TcpStream, message: &[u8]) -> Vec<u8> {
    connection.write_all(message).unwrap();
    let mut answer = vec![0; message.len()];
    connection.read_exact(&mut answer).unwrap();
    answer
}

/// What comes until the connection's end.
fn rest(connection: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let _ = connection.read_to_end(&mut rest);
    rest
}

#[test]
fn everything_passes_unchanged() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let message: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    let mut connection = connect(&proxy);
    let mut writing = connection.try_clone().unwrap();
    let sent = message.clone();
    let writer = thread::spawn(move || writing.write_all(&sent).unwrap());
    let mut answer = vec![0; message.len()];
    connection.read_exact(&mut answer).unwrap();
    writer.join().unwrap();
    assert!(answer == message);
}

#[test]
fn an_end_passes_too() {
    let (server, told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let mut connection = connect(&proxy);
    exchange(&mut connection, b"hello");
    drop(connection);
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), b"hello");
    until(PATIENCE, || (proxy.connections() == 0).then_some(())).unwrap();
}

#[test]
fn a_delay_holds_bytes_back_in_each_direction() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let mut connection = connect(&proxy);
    proxy.delay(Duration::from_millis(50));
    let begun = Instant::now();
    assert_eq!(exchange(&mut connection, b"hello"), b"hello");
    assert!(begun.elapsed() >= Duration::from_millis(100));
}

#[test]
fn a_cut_ends_all_connections_and_refuses_new_ones_until_it_is_restored() {
    let (server, told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let mut connections = [connect(&proxy), connect(&proxy)];
    for connection in &mut connections {
        exchange(connection, b"hello");
    }
    proxy.cut();
    for connection in &mut connections {
        assert_eq!(rest(connection), b"");
        told.recv_timeout(PATIENCE).unwrap();
    }
    TcpStream::connect(proxy.address()).unwrap_err();
    proxy.restore().unwrap();
    assert_eq!(exchange(&mut connect(&proxy), b"again"), b"again");
}

#[test]
fn a_connection_can_be_cut_before_the_server_gets_a_request() {
    let (server, told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let mut connection = connect(&proxy);
    let cut = proxy.cut_at(ToServer, b"COMMIT", Moment::Before);
    connection.write_all(b"BEGIN; COMMIT; more").unwrap();
    assert!(cut.came_within(PATIENCE));
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), b"BEGIN; ");
    assert!(!String::from_utf8(rest(&mut connection)).unwrap().contains("COMMIT"));
}

#[test]
fn a_connection_can_be_cut_after_the_server_got_a_request_and_before_the_client_gets_the_answer() {
    let (server, told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let mut connection = connect(&proxy);
    exchange(&mut connection, b"BEGIN;");
    let cut = proxy.cut_at(ToServer, b"COMMIT", Moment::After);
    connection.write_all(b"COM").unwrap();
    connection.write_all(b"MIT").unwrap();
    assert!(cut.came_within(PATIENCE));
    assert_eq!(told.recv_timeout(PATIENCE).unwrap(), b"BEGIN;COMMIT");
    assert!(!String::from_utf8(rest(&mut connection)).unwrap().contains("MIT"));
}

#[test]
fn a_cut_at_a_pattern_leaves_other_connections_and_later_ones_alone() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let (mut one, mut other) = (connect(&proxy), connect(&proxy));
    exchange(&mut other, b"hello");
    let cut = proxy.cut_at(ToClient, b"COMMIT", Moment::Before);
    one.write_all(b"COMMIT").unwrap();
    assert!(cut.came_within(PATIENCE));
    assert_eq!(rest(&mut one), b"");
    assert_eq!(exchange(&mut other, b"COMMIT"), b"COMMIT");
    assert_eq!(exchange(&mut connect(&proxy), b"COMMIT"), b"COMMIT");
}

#[test]
fn a_restored_proxy_waits_for_no_pattern() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let cut = proxy.cut_at(ToServer, b"COMMIT", Moment::Before);
    proxy.restore().unwrap();
    assert_eq!(exchange(&mut connect(&proxy), b"COMMIT"), b"COMMIT");
    assert!(!cut.came_within(Duration::ZERO));
}

#[test]
fn clients_of_a_server_that_is_down_are_left_at_once() {
    let down = Port::free().unwrap();
    let proxy = Proxy::to(down.address()).unwrap();
    assert_eq!(rest(&mut connect(&proxy)), b"");
}

#[test]
fn a_commit_whose_answer_is_lost_has_happened() {
    let postgres = PostgreSql::start().unwrap();
    let proxy = Proxy::to(postgres.server().address()).unwrap();
    let cut = proxy.cut_at(ToClient, b"COMMIT\0", Moment::Before);
    let mut client = postgres.psql();
    client.env("PGPORT", proxy.address().port().to_string());
    let output = client.args(["-c", "begin", "-c", "create table lost()", "-c", "commit"]).output().unwrap();
    assert!(!output.status.success());
    assert!(cut.came_within(PATIENCE));
    let there = postgres.psql().args(["-c", "select count(*) from lost"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&there.stdout).trim(), "0");
}

#[test]
fn a_url_of_the_server_becomes_one_of_the_proxy() {
    let (server, _told) = echo();
    let proxy = Proxy::to(server).unwrap();
    let url = proxy.in_url(&format!("postgres://lectern@{server}/postgres"));
    assert_eq!(url, format!("postgres://lectern@{}/postgres", proxy.address()));
}
