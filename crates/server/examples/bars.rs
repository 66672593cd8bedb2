//! Measures what operators and uploaders wait for, each against its yardstick in the same run:
//!
//! ```sh
//! ffmpeg -stream_loop 120 -i assets/lecture.mp3 -t 7200 -c copy two-hours.mp3
//! cargo build --release --bin lectern
//! cargo run --release -p lectern-server --example bars -- two-hours.mp3
//! ```

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use lectern_application::ports::{AudioProbe as _, LocalFile};
use lectern_media_adapter::SymphoniaAudio;
use reqwest::{
    Client,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

type Outcome<T> = Result<T, Box<dyn Error>>;

const ROUNDS: usize = 7;

#[tokio::main]
async fn main() -> Outcome<()> {
    let recording = PathBuf::from(std::env::args_os().nth(1).ok_or("usage: bars RECORDING")?);
    starts().await?;
    uploads(&recording).await
}

/// A server that was started, and how long it took until it was ready.
struct Started {
    _folder: TempDir,
    child: Child,
    url: String,
    ready: Duration,
}

/// Starts a server on an empty folder: making keys, secrets and the database included.
async fn start() -> Outcome<Started> {
    let program = std::env::current_exe()?;
    let programs = program.parent().and_then(Path::parent).ok_or("no folder of programs")?;
    let folder = TempDir::new()?;
    let began = Instant::now();
    let mut child = Command::new(programs.join("lectern"))
        .arg("serve")
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LECTERN_LISTEN", "127.0.0.1:0")
        .env("LECTERN_WORKER", "off")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut line).await?;
    let url = line.trim().strip_prefix("listening on ").ok_or("the server did not start")?.to_owned();
    client()?.get(format!("{url}/healthz")).send().await?.error_for_status()?;
    Ok(Started { _folder: folder, child, url, ready: began.elapsed() })
}

/// A client that goes to the server directly, whatever proxy this machine has.
fn client() -> reqwest::Result<Client> {
    Client::builder().no_proxy().build()
}

impl Started {
    /// A size that the kernel knows of the server, in kilobytes.
    fn kilobytes(&self, name: &str) -> Outcome<u64> {
        let id = self.child.id().ok_or("the server is gone")?;
        let status = fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such size")?;
        Ok(line.trim_start_matches(':').trim().trim_end_matches(" kB").parse()?)
    }
}

async fn starts() -> Outcome<()> {
    let (mut ready, mut resident) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let server = start().await?;
        ready.push(server.ready);
        resident.push(server.kilobytes("VmRSS")?);
    }
    println!("empty folder to the first answer: {:?} (median of {ROUNDS})", median(ready));
    println!("resident when idle: {} KiB (median of {ROUNDS})", median(resident));
    Ok(())
}

async fn uploads(recording: &Path) -> Outcome<()> {
    let bytes = fs::read(recording)?;
    println!("uploads of {} bytes:", bytes.len());
    let (mut yardsticks, mut uploads, mut growths) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        yardsticks.push(copy_and_scan(recording).await?);
        let server = start().await?;
        let token = register(&server.url).await?;
        let before = server.kilobytes("VmRSS")?;
        let form = Form::new().part("audio", Part::bytes(bytes.clone()).mime_str("audio/mpeg")?);
        let began = Instant::now();
        let request = client()?.post(format!("{}/v1/transcriptions", server.url)).bearer_auth(token);
        request.multipart(form).send().await?.error_for_status()?;
        uploads.push(began.elapsed());
        growths.push(server.kilobytes("VmHWM")?.saturating_sub(before));
    }
    let (yardstick, upload) = (median(yardsticks), median(uploads));
    println!("  cp and packet scan: {yardstick:?} (median of {ROUNDS})");
    println!("  upload to 202: {upload:?} (median of {ROUNDS})");
    let beyond = upload.saturating_sub(Duration::from_millis(300));
    println!("  ratio, after 0.3 s: {:.2}", beyond.as_secs_f64() / yardstick.as_secs_f64());
    println!("  growth of the server's peak memory: {} KiB (median of {ROUNDS})", median(growths));
    Ok(())
}

async fn copy_and_scan(recording: &Path) -> Outcome<Duration> {
    let folder = TempDir::new()?;
    let copy = folder.path().join("copy");
    let began = Instant::now();
    let copied = Command::new("cp").arg(recording).arg(&copy).status().await?;
    if !copied.success() {
        return Err("cp failed".into());
    }
    SymphoniaAudio::new(None).probe(&LocalFile::lasting(copy)).await?;
    Ok(began.elapsed())
}

async fn register(url: &str) -> Outcome<String> {
    let client = client()?;
    let (username, password) = ("ada", "correct horse battery staple");
    let account = json!({"username": username, "password": password});
    client.post(format!("{url}/v1/auth/register")).json(&account).send().await?.error_for_status()?;
    let login = json!({"login": username, "password": password});
    let tokens: Value = client.post(format!("{url}/v1/auth/login")).json(&login).send().await?.json().await?;
    Ok(tokens.get("access_token").and_then(Value::as_str).ok_or("no token")?.to_owned())
}

fn median<T: Ord + Copy>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values[values.len() / 2]
}
