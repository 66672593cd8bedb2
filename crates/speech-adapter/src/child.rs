//! Runs a recogniser's program on a recording.
//!
//! The program leads a process group of its own, which is killed when the program ends or the future is dropped, so
//! that its own children don't outlive it either, unless they left the group. If the server itself is killed, the
//! kernel kills the program (but not its children), given that `setpriv` (util-linux) is there to ask for it. The kernel
//! does that when the *thread* that started the program ends: run this on a runtime whose threads live as long as it
//! does, as tokio's workers do.

use std::{
    io,
    path::Path,
    process::{ExitStatus, Stdio},
};

use lectern_application::ports::{RecognizerError, Source};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    task::spawn_blocking,
    try_join,
};

use crate::{launcher::Launcher, wav};

/// The most that a program may print: hours of speech with times are a few hundred KiB.
const MAX_OUTPUT_BYTES: u64 = 4 * 1024 * 1024;
/// How much of the end of its error output is kept for the operator.
const MAX_COMPLAINT_BYTES: usize = 2 * 1024;

/// A program to run.
pub(crate) struct Program<'a> {
    /// What to call it.
    pub(crate) name: &'a str,
    /// Its file, or a name to be searched for.
    pub(crate) file: &'a str,
    /// What to do if it is missing.
    pub(crate) fix: &'a str,
}

impl Program<'_> {
    pub(crate) fn not_installed(&self) -> RecognizerError {
        RecognizerError::NotInstalled { name: self.name.to_owned(), fix: self.fix.to_owned() }
    }

    pub(crate) fn failed(&self, detail: impl Into<String>, source: Option<Source>) -> RecognizerError {
        RecognizerError::Failed { name: self.name.to_owned(), detail: detail.into(), source }
    }
}

/// What a program did.
pub(crate) struct Outcome {
    pub(crate) status: ExitStatus,
    /// All that it printed.
    pub(crate) output: String,
    /// The end of what it printed to its error output.
    pub(crate) complaint: String,
}

impl Outcome {
    /// What it printed, if it succeeded.
    pub(crate) fn into_output(self, program: &Program<'_>) -> Result<String, RecognizerError> {
        if self.status.success() {
            return Ok(self.output);
        }
        let detail = match self.complaint.trim() {
            "" => self.status.to_string(),
            complaint => format!("{}: {complaint}", self.status),
        };
        Err(program.failed(detail, None))
    }
}

/// Writes the recording to a file, and runs the program with the arguments that `arguments` makes of the file's path.
/// Both are gone when the future is.
pub(crate) async fn run(
    program: &Program<'_>,
    samples: Vec<f32>,
    arguments: impl FnOnce(&Path) -> Vec<String> + Send,
    launcher: &Launcher,
) -> Result<Outcome, RecognizerError> {
    let failed = |detail: &str, error: io::Error| program.failed(detail, Some(error.into()));
    let recording = write_recording(samples, launcher)
        .await
        .map_err(|error| failed("the recording could not be written to a temporary file", error))?;
    let mut running = start(program, &arguments(recording.path()), launcher)?;
    let (output, complaint, status) = running.finish().await.map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => failed("it printed too much", error),
        _ => failed("its output could not be read", error),
    })?;
    let [output, complaint] = [output, complaint].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    Ok(Outcome { status, output, complaint })
}

async fn write_recording(samples: Vec<f32>, launcher: &Launcher) -> io::Result<NamedTempFile> {
    let folder = launcher.scratch().to_owned();
    spawn_blocking(move || wav::write(&samples, &folder)).await.map_err(io::Error::other)?
}

fn start(
    program: &Program<'_>,
    arguments: &[String],
    launcher: &Launcher,
) -> Result<Running, RecognizerError> {
    let file = launcher.find(program.file).ok_or_else(|| program.not_installed())?;
    let child = Command::from(launcher.command(&file))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| program.failed("it could not be started", Some(error.into())))?;
    Ok(Running { child })
}

/// A program at work. Dropped, it and its process group are killed.
struct Running {
    child: Child,
}

impl Running {
    /// Its output, the end of its error output, and how it ended.
    async fn finish(&mut self) -> io::Result<(Vec<u8>, Vec<u8>, ExitStatus)> {
        let output = self.child.stdout.take();
        let complaint = self.child.stderr.take();
        let (output, complaint, ()) = try_join!(read_all(output), read_end(complaint), self.end_group())?;
        Ok((output, complaint, self.child.wait().await?))
    }

    /// Kills what the program leaves behind, once it has ended: what still has its output open would be waited for.
    async fn end_group(&self) -> io::Result<()> {
        let Some(id) = self.id() else { return Ok(()) };
        // It is not reaped yet: that would set its id free, and the group of that id could be another's.
        let end = move || waitid(WaitId::Pid(id), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        spawn_blocking(end).await.map_err(io::Error::other)??;
        self.kill_group();
        Ok(())
    }

    fn kill_group(&self) {
        if let Some(id) = self.id() {
            // It fails only if the group has ended by itself.
            let _ended = kill_process_group(id, Signal::KILL);
        }
    }

    /// The id is there only until the child was reaped: until then, no other process can have got it.
    fn id(&self) -> Option<Pid> {
        self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill_group();
    }
}

/// Fails as soon as there is too much, while the program may still be printing.
async fn read_all(from: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let Some(from) = from else { return Ok(bytes) };
    let mut from = from.take(MAX_OUTPUT_BYTES.saturating_add(1));
    from.read_to_end(&mut bytes).await?;
    if from.limit() == 0 {
        let limit = format!("the limit is {MAX_OUTPUT_BYTES} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, limit));
    }
    Ok(bytes)
}

async fn read_end(from: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut end = Vec::new();
    let Some(mut from) = from else { return Ok(end) };
    let mut piece = [0; MAX_COMPLAINT_BYTES];
    loop {
        let length = from.read(&mut piece).await?;
        if length == 0 {
            return Ok(end);
        }
        end.extend_from_slice(piece.get(..length).unwrap_or_default());
        end.drain(..end.len().saturating_sub(MAX_COMPLAINT_BYTES));
    }
}
