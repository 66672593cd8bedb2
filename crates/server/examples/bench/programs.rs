//! The servers, each a process of its own that ends with this one.

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};

use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
};

use crate::{Outcome, bare};

/// A server that was started.
pub(crate) struct Program {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl Program {
    /// Lectern on an empty folder, with its defaults but for these settings; its log goes to a file.
    pub(crate) async fn lectern(settings: &[(&str, String)]) -> Outcome<Self> {
        let folder = TempDir::new()?;
        let mut command = Command::new(lectern()?);
        command
            .arg("serve")
            .current_dir(folder.path())
            .env_clear()
            .env("LECTERN_LISTEN", "127.0.0.1:0")
            .env("LECTERN_WORKER", "off")
            // The client stands in for the proxy of many.
            .env("LECTERN_TRUSTED_PROXIES", "127.0.0.1")
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .stderr(File::create(folder.path().join("log"))?);
        Self::start(command, &[], folder).await
    }

    /// A size that the kernel knows of the process (proc(5), `/proc/PID/status`), in KiB.
    pub(crate) fn kibibytes(&self, name: &str) -> Outcome<f64> {
        let id = self.child.id().ok_or("the server is gone")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such size")?;
        Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?)
    }

    /// A bare handler that answers `body`.
    pub(crate) async fn bare(body: &[u8]) -> Outcome<Self> {
        let mut command = Command::new(this()?);
        command.arg(bare::ARGUMENT).stderr(Stdio::inherit());
        Self::start(command, body, TempDir::new()?).await
    }

    async fn start(mut command: Command, input: &[u8], folder: TempDir) -> Outcome<Self> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut stdin = child.stdin.take().ok_or("no input")?;
        stdin.write_all(input).await?;
        drop(stdin);
        let mut line = String::new();
        BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line).await?;
        let address = line.trim().strip_prefix("listening on http://").ok_or("the server did not start")?;
        Ok(Self { address: address.parse()?, child, _folder: folder })
    }
}

fn this() -> std::io::Result<PathBuf> {
    std::env::current_exe()
}

/// The program of the same build.
pub(crate) fn lectern() -> Outcome<PathBuf> {
    let this = this()?;
    let programs = this.parent().and_then(Path::parent).ok_or("no folder of programs")?;
    Ok(programs.join("lectern"))
}
