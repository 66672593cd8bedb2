//! An SMTP server that says what it is told to, and writes down what it hears.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// What it can do, as in the lines of its answer to `EHLO`.
    pub(crate) extensions: &'static [&'static str],
    /// What it answers to commands that begin so, if that is not the usual.
    pub(crate) answer: Option<(&'static str, &'static str)>,
}

impl Script {
    /// A server that takes everything.
    pub(crate) const WILLING: Self = Self { extensions: &["8BITMIME", "SMTPUTF8"], answer: None };

    fn answer(&self, command: &str) -> String {
        if let Some((_, answer)) = self.answer.filter(|(start, _)| command.starts_with(start)) {
            return format!("{answer}\r\n");
        }
        if command.starts_with("EHLO") {
            let extensions = self.extensions.iter().map(|extension| format!("250-{extension}\r\n"));
            return extensions.collect::<String>() + "250 HELP\r\n";
        }
        let usual = match command {
            "DATA" => "354 go ahead",
            "QUIT" => "221 bye",
            auth if auth.starts_with("AUTH") => "235 welcome",
            _ => "250 fine",
        };
        format!("{usual}\r\n")
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let writer = heard.clone();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(converse(connection, script, writer.clone()));
            }
        });
        Self { port, heard }
    }

    /// All lines that came, on all connections.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How many of them begin so.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.heard().iter().filter(|line| line.starts_with(start)).count()
    }
}

async fn converse(connection: TcpStream, script: Script, heard: Arc<Mutex<Vec<String>>>) {
    let mut connection = BufReader::new(connection);
    connection.write_all(b"220 at your service\r\n").await.unwrap();
    let mut is_data = false;
    let mut line = String::new();
    while connection.read_line(&mut line).await.is_ok_and(|read| read > 0) {
        let said = line.trim_end().to_owned();
        line.clear();
        heard.lock().unwrap().push(said.clone());
        if is_data && said != "." {
            continue;
        }
        let answer = if is_data { script.answer("end of data") } else { script.answer(&said) };
        is_data = !is_data && answer.starts_with("354");
        if connection.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
