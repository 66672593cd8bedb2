//! nginx before servers that tell what they are asked.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
};

use lectern_services::{Nginx, Port, Service as _};

/// A server that answers every request with its name, and tells the request's head.
fn upstream(name: &'static str) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (heads, told) = mpsc::channel();
    thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let head = head(&connection);
            write!(
                connection,
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{name}",
                name.len()
            )
            .unwrap();
            if heads.send(head).is_err() {
                break;
            }
        }
    });
    (address, told)
}

/// The lines before the empty one.
fn head(connection: &TcpStream) -> String {
    let lines = BufReader::new(connection.try_clone().unwrap()).lines().map(Result::unwrap);
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn get(nginx: &Nginx) -> String {
    let mut connection = TcpStream::connect(nginx.server().address()).unwrap();
    connection
        .write_all(b"GET /here HTTP/1.1\r\nHost: lectern.test:8443\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.rsplit("\r\n\r\n").next().unwrap().to_owned()
}

#[test]
fn requests_go_to_the_servers_in_turn() {
    let (one, _told_one) = upstream("one");
    let (other, _told_other) = upstream("other");
    let nginx = Nginx::start(&[one, other]).unwrap();
    let mut answers: Vec<_> = (0..4).map(|_| get(&nginx)).collect();
    answers.sort();
    assert_eq!(answers, ["one", "one", "other", "other"]);
}

#[test]
fn a_server_learns_who_asks_and_what_for() {
    let (address, told) = upstream("one");
    let nginx = Nginx::start(&[address]).unwrap();
    get(&nginx);
    let head = told.recv().unwrap();
    let lines: Vec<_> = head.lines().collect();
    assert!(lines.contains(&"GET /here HTTP/1.1"), "{head}");
    assert!(lines.contains(&"Host: lectern.test:8443"), "{head}");
    assert!(lines.contains(&"X-Forwarded-For: 192.0.2.1, 127.0.0.1"), "{head}");
}

#[test]
fn whoever_is_down_is_left_out() {
    let down = Port::free().unwrap();
    let (up, _told) = upstream("up");
    let nginx = Nginx::start(&[down.address(), up]).unwrap();
    assert_eq!([get(&nginx), get(&nginx), get(&nginx)], ["up", "up", "up"]);
}

#[test]
fn an_upload_goes_on_before_it_is_complete() {
    let (address, told) = upstream("one");
    let nginx = Nginx::start(&[address]).unwrap();
    let mut connection = TcpStream::connect(nginx.server().address()).unwrap();
    connection.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000000\r\n\r\nsome").unwrap();
    assert!(told.recv().unwrap().contains("Content-Length: 5000000000"));
}

#[test]
fn an_answer_goes_on_before_it_is_complete() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nginx = Nginx::start(&[listener.local_addr().unwrap()]).unwrap();
    let mut client = TcpStream::connect(nginx.server().address()).unwrap();
    client.write_all(b"GET /events HTTP/1.1\r\nHost: h\r\n\r\n").unwrap();
    let (mut server, _) = listener.accept().unwrap();
    head(&server);
    server.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: 1\n\n").unwrap();
    let mut lines = BufReader::new(client).lines().map(Result::unwrap);
    assert!(lines.any(|line| line == "id: 1"));
}

#[test]
fn after_a_crash_it_is_back_on_the_same_port() {
    let (address, _told) = upstream("one");
    let nginx = Nginx::start(&[address]).unwrap();
    nginx.kill().unwrap();
    TcpStream::connect(nginx.server().address()).unwrap_err();
    nginx.restart().unwrap();
    assert_eq!(get(&nginx), "one");
}

#[test]
fn a_stopped_one_starts_again() {
    let (address, _told) = upstream("one");
    let nginx = Nginx::start(&[address]).unwrap();
    nginx.stop().unwrap();
    TcpStream::connect(nginx.server().address()).unwrap_err();
    nginx.restart().unwrap();
    assert_eq!(get(&nginx), "one");
}
