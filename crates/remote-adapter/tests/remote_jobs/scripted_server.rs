//! A server that answers what it was told to, one request per connection, and remembers what it was asked.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A request as it came over the wire.
pub(crate) struct Request {
    /// Method and path.
    pub(crate) line: String,
    /// Header lines, names in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: String,
}

pub(crate) struct ScriptedServer {
    address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Request>,
}

impl ScriptedServer {
    /// Answers the n-th request with the n-th of `answers`, raw.
    pub(crate) async fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for answer in answers {
                let (stream, _) = listener.accept().await.unwrap();
                seen.send(converse(stream, &answer).await).unwrap();
            }
        });
        Self { address, requests }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next request that was answered.
    pub(crate) async fn request(&mut self) -> Request {
        self.requests.recv().await.unwrap()
    }
}

async fn converse(stream: TcpStream, answer: &str) -> Request {
    let mut stream = BufReader::new(stream);
    let line = line(&mut stream).await.trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        let header = self::line(&mut stream).await;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap();
        headers.push(format!("{}:{value}", name.to_lowercase()));
    }
    let length = headers.iter().find_map(|header| header.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    Request { line, headers, body: String::from_utf8(body).unwrap() }
}

async fn line(stream: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    line.trim_end().to_owned()
}

/// An answer with a JSON body.
pub(crate) fn json(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

/// An answer without a body.
pub(crate) fn empty(status: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n\r\n")
}
