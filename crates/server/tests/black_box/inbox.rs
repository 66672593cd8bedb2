//! Real mail: an SMTP server of Python's, and what came to it.

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    net::TcpSocket,
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use crate::python;

/// The most that a mail may take before a test gives up: a few tries, with pauses between them.
const PATIENCE: Duration = Duration::from_secs(40);

/// How the server's connections are encrypted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Encryption {
    None,
    StartTls,
    Implicit,
}

/// An SMTP server with a folder for what it gets. Killed when dropped.
pub(crate) struct Inbox {
    folder: TempDir,
    encryption: Encryption,
    /// Bound to the port, and never listening: nobody else gets the port while the server is dead.
    port: TcpSocket,
    running: Option<(Child, Lines<BufReader<ChildStdout>>)>,
}

/// A mail that came.
pub(crate) struct Received {
    pub(crate) text: String,
}

impl Inbox {
    /// A server on a free port. With encryption it has a certificate for `localhost` by an authority of its own.
    pub(crate) async fn open(encryption: Encryption) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("mails")).unwrap();
        write_certificates(folder.path());
        let port = TcpSocket::new_v4().unwrap();
        port.set_reuseaddr(true).unwrap();
        port.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let mut inbox = Self { folder, encryption, port, running: None };
        inbox.start().await;
        inbox
    }

    /// Starts it (again) on the same port and folder.
    pub(crate) async fn start(&mut self) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/black_box/smtp.py");
        let clear = fs::OpenOptions::new().create(true).append(true).open(self.clear_file()).unwrap();
        let mut command = Command::new(python::interpreter());
        command.arg(script).arg(self.port().to_string()).arg(self.path("mails"));
        let mode = match self.encryption {
            Encryption::None => None,
            Encryption::StartTls => Some("starttls"),
            Encryption::Implicit => Some("implicit"),
        };
        if let Some(mode) = mode {
            command.arg(self.path("smtp.pem")).arg(self.path("smtp.key")).arg(mode);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(clear).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap();
        assert!(line.is_some(), "the SMTP server ended: {}", self.clear());
        self.running = Some((child, lines));
    }

    /// SIGKILL.
    pub(crate) async fn kill(&mut self) {
        let (mut child, _) = self.running.take().unwrap();
        child.kill().await.unwrap();
    }

    pub(crate) fn port(&self) -> u16 {
        self.port.local_addr().unwrap().port()
    }

    /// The certificate of its authority.
    pub(crate) fn authority(&self) -> PathBuf {
        self.path("authority.pem")
    }

    /// What came without encryption.
    pub(crate) fn clear(&self) -> String {
        fs::read_to_string(self.clear_file()).unwrap()
    }

    /// How many mails came so far.
    pub(crate) fn count(&self) -> usize {
        self.path("mails").read_dir().unwrap().count()
    }

    /// The next mail that comes.
    pub(crate) async fn next(&mut self) -> Received {
        let (_, lines) = self.running.as_mut().unwrap();
        let path = timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap().unwrap();
        Received { text: fs::read_to_string(path).unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn clear_file(&self) -> PathBuf {
        self.path("clear.txt")
    }
}

impl Received {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.text.lines().take_while(|line| !line.is_empty()).find_map(|line| line.strip_prefix(&prefix))
    }

    /// The code, on a line of its own.
    pub(crate) fn code(&self) -> String {
        let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
        self.text.lines().map(str::trim).find(is_code).unwrap().to_owned()
    }
}

fn write_certificates(folder: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    for (name, pem) in
        [("authority.pem", root.pem()), ("smtp.pem", leaf.pem()), ("smtp.key", key.serialize_pem())]
    {
        fs::write(folder.join(name), pem).unwrap();
    }
}
