//! `ChromeDriver` and the browsers that it starts.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod processes;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use lectern_services::{ChromeDriver, Service as _};

/// Sends a command of W3C `WebDriver`: the answer.
fn command(driver: &ChromeDriver, method: &str, path: &str, body: &str) -> String {
    let address = driver.server().address();
    let mut connection = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = BufReader::new(connection);
    let heads = answer.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty());
    let length =
        heads.filter_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.last().unwrap()];
    answer.read_exact(&mut body).unwrap();
    String::from_utf8(body).unwrap()
}

/// Opens a browser: the answer.
fn open(driver: &ChromeDriver) -> String {
    let arguments = ChromeDriver::BROWSER_ARGUMENTS.map(|argument| format!("\"{argument}\"")).join(",");
    let options = format!("{{\"goog:chromeOptions\":{{\"args\":[{arguments}]}}}}");
    command(driver, "POST", "/session", &format!("{{\"capabilities\":{{\"alwaysMatch\":{options}}}}}"))
}

#[test]
fn it_opens_browsers_that_show_pages() {
    let driver = ChromeDriver::start().unwrap();
    let opened = open(&driver);
    let id = opened.split("\"sessionId\":\"").nth(1).unwrap().split('"').next().unwrap();
    let page = "{\"url\":\"data:text/html,<title>shown</title>\"}";
    command(&driver, "POST", &format!("/session/{id}/url"), page);
    let title = command(&driver, "GET", &format!("/session/{id}/title"), "");
    assert!(title.contains("\"value\":\"shown\""), "{title}");
}

#[test]
fn browsers_and_their_profiles_are_gone_with_it() {
    let driver = ChromeDriver::start().unwrap();
    let opened = open(&driver);
    assert!(opened.contains("sessionId"), "{opened}");
    let folder = driver.server().folder().to_owned();
    assert!(processes::in_folder(&folder).len() > 2, "a browser is in {}", folder.display());
    drop(driver);
    assert!(!folder.exists());
    assert_eq!(processes::in_folder(&folder), [0; 0]);
}
