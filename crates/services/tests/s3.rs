//! S3, started, killed and started again.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
};

use lectern_services::{S3, Service as _};

/// What a request without a key is answered.
fn ask(s3: &S3) -> std::io::Result<String> {
    let mut connection = TcpStream::connect(s3.server().address())?;
    connection.write_all(b"GET /lectern-test HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn it_refuses_whoever_has_no_key() {
    let s3 = S3::start().unwrap();
    let answer = ask(&s3).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("AccessDenied"), "{answer}");
}

#[test]
fn its_url_is_the_endpoint() {
    let s3 = S3::start().unwrap();
    assert_eq!(s3.url(), format!("http://{}", s3.server().address()));
}

#[test]
fn after_a_crash_it_has_its_bucket_on_the_same_port() {
    let s3 = S3::start().unwrap();
    let url = s3.url();
    s3.kill().unwrap();
    ask(&s3).unwrap_err();
    s3.restart().unwrap();
    assert_eq!(s3.url(), url);
    ask(&s3).unwrap();
    let buckets = fs::read_dir(s3.server().folder().join("buckets")).unwrap();
    let names: Vec<_> = buckets.map(|bucket| bucket.unwrap().file_name()).collect();
    assert!(names.iter().any(|name| name == S3::BUCKET), "{names:?}");
}

#[test]
fn a_stopped_one_starts_again() {
    let s3 = S3::start().unwrap();
    s3.stop().unwrap();
    ask(&s3).unwrap_err();
    s3.restart().unwrap();
    ask(&s3).unwrap();
}
