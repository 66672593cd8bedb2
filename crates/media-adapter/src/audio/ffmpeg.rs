//! FFmpeg, for codecs that symphonia finds but can't decode.

use std::{
    ffi::{OsStr, OsString},
    ops::Range,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use lectern_application::ports::AudioReadError;
use tokio::{io::AsyncReadExt as _, process::Command};

/// FFmpeg is asked for frames at the rate of Opus, in which it need not resample.
pub(super) const RATE: u32 = 48_000;
const FRAMES_PER_MILLISECOND: u64 = 48;
/// A frame is one 32-bit float.
const FRAME_BYTES: usize = 4;

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
        std::env::split_paths(search_path)
            .map(|folder| folder.join("ffmpeg"))
            .find(is_program)
            .map(|program| Self { program })
    }

    /// Decodes a stretch of a file to mono, beginning at the last whole millisecond that is not after `range`
    /// starts. The child dies with the future.
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
        let mut command = Command::new(&self.program);
        command.args(["-nostdin", "-v", "quiet", "-protocol_whitelist", "file", "-f", demuxer]);
        if start > 0 {
            command.args(["-ss", &format!("{}.{:03}", start / 1_000, start % 1_000)]);
        }
        command.arg("-i").arg(url);
        command.args(["-map", "0:a:0", "-t", &format!("{:.3}", length.as_secs_f64() + 0.001)]);
        command.args(["-ac", "1", "-ar", &RATE.to_string(), "-f", "f32le", "pipe:1"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);

        let mut child = command.spawn().map_err(unreadable)?;
        let mut bytes = Vec::new();
        if let Some(mut output) = child.stdout.take() {
            output.read_to_end(&mut bytes).await.map_err(unreadable)?;
        }
        // A damaged file makes FFmpeg fail after what it could decode: what came out is what there is.
        child.wait().await.map_err(unreadable)?;
        let start = start.saturating_mul(FRAMES_PER_MILLISECOND);
        let (frames, _) = bytes.as_chunks::<FRAME_BYTES>();
        let frames = frames.iter().map(|frame| f32::from_le_bytes(*frame)).collect();
        Ok(Stretch { start: i64::try_from(start).unwrap_or(i64::MAX), frames })
    }
}

fn unreadable(error: std::io::Error) -> AudioReadError {
    AudioReadError::Unreadable { source: error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

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
