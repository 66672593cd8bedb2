//! FFmpeg, for codecs that symphonia finds but can't decode.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    ops::Range,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use lectern_application::ports::AudioReadError;
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, Command},
    time::timeout,
};

/// FFmpeg is asked for frames at the rate of Opus, in which it need not resample.
pub(super) const RATE: u32 = 48_000;
const FRAMES_PER_MILLISECOND: u64 = 48;
/// A frame is one 32-bit float.
const FRAME_BYTES: usize = 4;
/// How long FFmpeg may take, besides as long as the stretch plays. It decodes a hundred times faster than that; what
/// takes longer hangs.
const PATIENCE: Duration = Duration::from_mins(1);
/// What the names of the server's own settings begin with, among them secrets that are no business of FFmpeg.
const SETTINGS: &str = "LECTERN_";

/// FFmpeg gave no sound, or was killed while it did.
#[derive(Debug, thiserror::Error)]
#[error("FFmpeg ended with {0}")]
struct Failed(ExitStatus);

/// The `ffmpeg` program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ffmpeg {
    program: PathBuf,
}

/// Frames and the place of the first.
pub(super) struct Stretch {
    pub(super) start: i64,
    pub(super) frames: Vec<f32>,
}

impl Stretch {
    /// The place after the last frame.
    pub(super) fn end(&self) -> i64 {
        self.start.saturating_add(i64::try_from(self.frames.len()).unwrap_or(i64::MAX))
    }
}

impl Ffmpeg {
    /// Looks for the program in the folders of `search_path`, which has the form of the variable `PATH`.
    pub fn find(search_path: &OsStr) -> Option<Self> {
        let is_program = |path: &PathBuf| {
            path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        };
        env::split_paths(search_path)
            .map(|folder| folder.join("ffmpeg"))
            .find(is_program)
            .map(|program| Self { program })
    }

    /// Decodes a stretch of a file to mono, beginning at the last whole millisecond that is not after `range`
    /// starts. The child dies with the future, and when it takes too long.
    pub(super) async fn decode(
        &self,
        path: &Path,
        demuxer: &str,
        range: Range<Duration>,
    ) -> Result<Stretch, AudioReadError> {
        let start = u64::try_from(range.start.as_millis()).unwrap_or(u64::MAX);
        let length = range.end.saturating_sub(range.start);
        // The file comes from a stranger: it is opened as what it was found to be, and may name no other resource.
        let mut url = OsString::from("file:");
        url.push(path);
        let mut command = self.command();
        command.args(["-nostdin", "-v", "quiet", "-protocol_whitelist", "file", "-f", demuxer]);
        // Packets that don't decode are silence, however many they are.
        command.args(["-max_error_rate", "1"]);
        if start > 0 {
            command.args(["-ss", &format!("{}.{:03}", start / 1_000, start % 1_000)]);
        }
        command.arg("-i").arg(url);
        command.args(["-map", "0:a:0", "-t", &format!("{:.3}", length.as_secs_f64() + 0.001)]);
        command.args(["-ac", "1", "-ar", &RATE.to_string(), "-f", "f32le", "pipe:1"]);

        let (bytes, status) = run(command, PATIENCE.saturating_add(length)).await.map_err(unreadable)?;
        let (frames, _) = bytes.as_chunks::<FRAME_BYTES>();
        // A damaged file makes FFmpeg fail after what it could decode: what came out is what there is. But whoever
        // was killed would have had more to say.
        if !status.success() && (frames.is_empty() || status.code().is_none()) {
            return Err(self.reason_for(status).await);
        }
        let start = start.saturating_mul(FRAMES_PER_MILLISECOND);
        let frames = frames.iter().map(|frame| f32::from_le_bytes(*frame)).collect();
        Ok(Stretch { start: i64::try_from(start).unwrap_or(i64::MAX), frames })
    }

    /// Whose fault it is that no sound came out: the file's, such as an encrypted track, if FFmpeg is well otherwise.
    async fn reason_for(&self, status: ExitStatus) -> AudioReadError {
        let mut command = self.command();
        command.arg("-version");
        let is_well = async || run(command, PATIENCE).await.is_ok_and(|(_, status)| status.success());
        if status.code().is_some() && is_well().await {
            return AudioReadError::NotAudio;
        }
        AudioReadError::Unreadable { source: Failed(status).into() }
    }

    /// The program, without input and without the server's settings.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        for (name, _) in
            env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(SETTINGS.as_bytes()))
        {
            command.env_remove(name);
        }
        command
    }
}

/// All that a program prints, and how it ended; it is killed if it has not within `limit`.
async fn run(mut command: Command, limit: Duration) -> io::Result<(Vec<u8>, ExitStatus)> {
    let mut child = command.spawn()?;
    if let Ok(ended) = timeout(limit, finish(&mut child)).await {
        return ended;
    }
    child.kill().await?;
    Err(io::Error::new(io::ErrorKind::TimedOut, format!("FFmpeg took longer than {} s", limit.as_secs())))
}

async fn finish(child: &mut Child) -> io::Result<(Vec<u8>, ExitStatus)> {
    let mut bytes = Vec::new();
    if let Some(mut output) = child.stdout.take() {
        output.read_to_end(&mut bytes).await?;
    }
    Ok((bytes, child.wait().await?))
}

fn unreadable(error: io::Error) -> AudioReadError {
    AudioReadError::Unreadable { source: error.into() }
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Error};

    use tempfile::TempDir;

    use super::*;

    /// A program that is a shell script.
    struct Fake {
        ffmpeg: Ffmpeg,
        folder: TempDir,
    }

    impl Fake {
        /// The script is written by another process: had this one a file open for writing while another test starts
        /// a program, the script could not be run until that has begun.
        fn new(script: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let write = std::process::Command::new("sh")
                .args(["-c", r#"printf '#!/bin/sh\n%s\n' "$1" > "$0" && chmod 700 "$0""#])
                .arg(folder.path().join("ffmpeg"))
                .arg(script)
                .status();
            assert!(write.unwrap().success());
            Self { ffmpeg: Ffmpeg::find(folder.path().as_os_str()).unwrap(), folder }
        }

        async fn decode(&self) -> Result<Stretch, AudioReadError> {
            self.ffmpeg.decode(Path::new("/nonexistent"), "ogg", Duration::ZERO..Duration::from_secs(1)).await
        }

        /// Whether a process has the script in its command line.
        fn is_running(&self) -> bool {
            let script = self.folder.path().join("ffmpeg").to_string_lossy().into_owned();
            fs::read_dir("/proc").unwrap().any(|entry| {
                let command = fs::read(entry.unwrap().path().join("cmdline")).unwrap_or_default();
                String::from_utf8_lossy(&command).contains(&script)
            })
        }
    }

    /// What an unreadable recording has met.
    async fn met(script: &str) -> String {
        match Fake::new(script).decode().await {
            Err(AudioReadError::Unreadable { source }) => source.to_string(),
            other => unreachable!("{:?}", other.map(|stretch| stretch.frames)),
        }
    }

    #[tokio::test]
    async fn a_broken_ffmpeg_is_no_silence() {
        assert_eq!(met("exit 127").await, "FFmpeg ended with exit status: 127");
    }

    #[tokio::test]
    async fn what_a_killed_ffmpeg_has_printed_is_not_taken_for_all() {
        assert_eq!(met("printf '....'; kill -9 $$").await, "FFmpeg ended with signal: 9 (SIGKILL)");
    }

    #[tokio::test]
    async fn a_file_that_a_good_ffmpeg_refuses_is_not_audio() {
        let refused = Fake::new(r#"test "$1" = -version"#).decode().await;
        assert!(matches!(refused, Err(AudioReadError::NotAudio)));
    }

    #[tokio::test]
    async fn what_came_out_before_a_failure_is_kept() {
        assert_eq!(Fake::new("printf '........'; exit 1").decode().await.unwrap().frames.len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn an_ffmpeg_that_hangs_is_killed() {
        let fake = Fake::new(r#"exec tail -f "$0" > /dev/null"#);
        let result = fake.decode().await;
        let Err(AudioReadError::Unreadable { source }) = result else { unreachable!("it has no output") };
        let kind = source.downcast_ref::<Error>().unwrap().kind();
        assert_eq!((kind, fake.is_running()), (io::ErrorKind::TimedOut, false));
    }

    /// Runs itself again, with a secret in the environment.
    #[tokio::test]
    async fn ffmpeg_does_not_see_the_servers_secrets() {
        const TEST: &str = "audio::ffmpeg::tests::ffmpeg_does_not_see_the_servers_secrets";
        const SECRET: &str = "LECTERN_WORKER_TOKEN";
        if env::var_os(SECRET).is_some() {
            let seen = Fake::new("env | grep LECTERN_ || printf '....'").decode().await.unwrap();
            assert_eq!(seen.frames, [f32::from_le_bytes(*b"....")]);
            return;
        }
        let mut again = std::process::Command::new(env::current_exe().unwrap());
        let ran = again.args(["--exact", TEST]).env(SECRET, "wtok").output().unwrap();
        let report = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success() && report.contains("1 passed"), "{report}");
    }

    #[test]
    fn what_is_not_on_the_search_path_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Ffmpeg::find(folder.path().as_os_str()), None);
    }

    #[test]
    fn a_file_that_can_not_be_run_is_not_the_program() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ffmpeg"), "").unwrap();
        assert_eq!(Ffmpeg::find(folder.path().as_os_str()), None);
    }
}
