//! A way to the S3 server on which things go wrong.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};

/// Nothing that comes takes so long; a test that waits longer has failed.
const DEADLINE: Duration = Duration::from_secs(30);

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Begin,
    Part,
    Complete,
    Abort,
    Head,
    Get,
    List,
    Other,
}

/// A request on its way.
#[derive(Debug)]
pub(super) struct Request {
    head: String,
}

impl Request {
    pub(super) fn asks(&self) -> Asks {
        let (method, target) = self.head.split_once(' ').unwrap();
        let target = target.split_once(' ').unwrap().0;
        let names = |name| target.split_once('?').is_some_and(|(_, query)| query.contains(name));
        match method {
            "POST" if names("uploads") => Asks::Begin,
            "POST" if names("uploadId") => Asks::Complete,
            "PUT" if names("partNumber") => Asks::Part,
            "DELETE" if names("uploadId") => Asks::Abort,
            "HEAD" => Asks::Head,
            "GET" if names("list-type") => Asks::List,
            "GET" => Asks::Get,
            _ => Asks::Other,
        }
    }

    /// Whether it is only to be done where nothing lies yet.
    pub(super) fn creates_only(&self) -> bool {
        self.head.to_ascii_lowercase().contains("\r\nif-none-match: *\r\n")
    }

    fn body_len(&self) -> usize {
        let lower = self.head.to_ascii_lowercase();
        let value = lower.split_once("\r\ncontent-length: ").map_or("0", |(_, rest)| rest);
        value.split("\r\n").next().unwrap().parse().unwrap()
    }
}

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// It is refused on the way, with that status line and that code.
    Refused(&'static str, &'static str),
    /// The connection breaks after so many bytes of its body.
    CutAfter(usize),
    /// It arrives; the connection breaks after so many bytes of the answer's body.
    AnswerCutAfter(usize),
    /// It arrives; the answer does not.
    AnswerLost,
    /// It goes on when the sender says so, or is gone.
    Held(watch::Receiver<bool>),
}

type Rule = Box<dyn FnMut(&Request) -> Option<Fault> + Send>;

/// The way. Each connection carries one request.
pub(super) struct Proxy {
    address: SocketAddr,
    passed: watch::Receiver<Vec<Asks>>,
}

impl Proxy {
    /// A way to `upstream` on which `rule` says what goes wrong.
    pub(super) async fn to(
        upstream: &str,
        rule: impl FnMut(&Request) -> Option<Fault> + Send + 'static,
    ) -> Self {
        let upstream = upstream.strip_prefix("http://").unwrap().trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let rule: Arc<Mutex<Rule>> = Arc::new(Mutex::new(Box::new(rule)));
        let (sender, passed) = watch::channel(Vec::new());
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let (upstream, rule, seen) = (upstream.clone(), rule.clone(), sender.clone());
                // A client that goes away in the middle is what some tests are about.
                tokio::spawn(async move { carry(client, &upstream, &rule, &seen).await.ok() });
            }
        });
        Self { address, passed }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many requests of a kind came so far.
    pub(super) fn count(&self, asks: Asks) -> usize {
        self.passed.borrow().iter().filter(|passed| **passed == asks).count()
    }

    /// Waits for a request of that kind to be over, or to have met its fault.
    pub(super) async fn has_seen(&self, asks: Asks) {
        let mut passed = self.passed.clone();
        let seen = passed.wait_for(|passed| passed.contains(&asks));
        assert!(timeout(DEADLINE, seen).await.is_ok(), "no request came that asks for {asks:?}");
    }
}

async fn carry(
    mut client: TcpStream,
    upstream: &str,
    rule: &Mutex<Rule>,
    seen: &watch::Sender<Vec<Asks>>,
) -> std::io::Result<()> {
    let (request, mut body) = read_head(&mut client).await?;
    let fault = rule.lock().unwrap()(&request);
    let see = || seen.send_modify(|passed| passed.push(request.asks()));
    if let Some(Fault::CutAfter(bytes)) = fault {
        read_to(&mut client, &mut body, bytes).await?;
        see();
        return Ok(());
    }
    read_to(&mut client, &mut body, request.body_len()).await?;
    if let Some(Fault::Refused(status, code)) = fault {
        let xml = format!("<Error><Code>{code}</Code><StringToSign>lectern-secret</StringToSign></Error>");
        let xml = if request.asks() == Asks::Head { String::new() } else { xml };
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{xml}", xml.len());
        see();
        return client.write_all(answer.as_bytes()).await;
    }
    if let Some(Fault::Held(mut go_on)) = fault.clone() {
        see();
        go_on.wait_for(|go_on| *go_on).await.ok();
    }
    let answer = ask(upstream, &request, &body).await?;
    let end_of_head = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let len = match fault {
        Some(Fault::AnswerLost) => 0,
        Some(Fault::AnswerCutAfter(bytes)) => answer.len().min(end_of_head + bytes),
        _ => answer.len(),
    };
    see();
    client.write_all(&answer[..len]).await?;
    client.shutdown().await
}

/// The request line and the headers, and what came of the body with them.
async fn read_head(client: &mut TcpStream) -> std::io::Result<(Request, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if client.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Ok((Request { head: String::from_utf8(bytes).unwrap() }, body));
        }
    }
}

async fn read_to(client: &mut TcpStream, body: &mut Vec<u8>, len: usize) -> std::io::Result<()> {
    while body.len() < len {
        if client.read_buf(body).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(())
}

async fn ask(upstream: &str, request: &Request, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(upstream).await?;
    let (line, headers) = request.head.split_once("\r\n").unwrap();
    server.write_all(format!("{line}\r\nconnection: close\r\n{headers}").as_bytes()).await?;
    server.write_all(body).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    Ok(answer)
}
