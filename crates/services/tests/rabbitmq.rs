//! RabbitMQ, started, killed and started again.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod processes;

use std::{io::Read, io::Write, net::TcpStream};

use lectern_services::{RabbitMq, Service as _};

/// What `rabbitmqctl` says to its arguments.
fn control(rabbit: &RabbitMq, arguments: &[&str]) -> String {
    let output = rabbit.rabbitmqctl().args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Whether it begins to talk AMQP.
fn answers(rabbit: &RabbitMq) -> bool {
    let ask = || {
        let mut connection = TcpStream::connect(rabbit.server().address())?;
        connection.write_all(b"AMQP\x00\x00\x09\x01")?;
        connection.read_exact(&mut [0; 7])
    };
    ask().is_ok()
}

#[test]
fn after_a_crash_it_has_what_was_durable_on_the_same_port() {
    let rabbit = RabbitMq::start().unwrap();
    let url = rabbit.url();
    assert_eq!(url, format!("amqp://guest:guest@{}/%2f", rabbit.server().address()));
    control(&rabbit, &["add_vhost", "kept"]);
    rabbit.kill().unwrap();
    assert!(!answers(&rabbit));
    let keeper = 1;
    assert_eq!(processes::in_folder(rabbit.server().folder()).len(), keeper);
    rabbit.restart().unwrap();
    assert_eq!(rabbit.url(), url);
    assert!(answers(&rabbit));
    assert!(control(&rabbit, &["list_vhosts", "--silent"]).lines().any(|host| host == "kept"));
}

#[test]
fn its_control_program_needs_nothing_but_its_path() {
    let rabbit = RabbitMq::start().unwrap();
    let control = rabbit.rabbitmqctl();
    assert_eq!(control.get_args().count() + control.get_envs().count(), 0);
    let output = std::process::Command::new(control.get_program())
        .args(["set_policy", "dead", "^jobs$", r#"{"max-length": 1}"#])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn several_at_once_do_not_meet_and_each_stops_alone() {
    let (one, other) = (RabbitMq::start().unwrap(), RabbitMq::start().unwrap());
    control(&one, &["add_vhost", "of-one"]);
    assert!(!control(&other, &["list_vhosts", "--silent"]).contains("of-one"));
    one.stop().unwrap();
    assert!(!answers(&one));
    assert!(answers(&other));
}
