//! Recordings to test with: silence and tone bursts at known times, in many formats.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use lectern_application::ports::LocalFile;
use lectern_media_adapter::{Ffmpeg, SymphoniaAudio};
use tempfile::TempDir;

/// How long the signal is.
pub(crate) const LENGTH: Duration = Duration::from_secs(40);
/// When bursts begin, in milliseconds.
pub(crate) const BURSTS: [u32; 7] = [500, 6_250, 12_900, 19_000, 26_125, 33_333, 39_000];
const BURST_MILLIS: u32 = 150;

/// A format: its file name, the arguments that make FFmpeg write it, its media type, and by how much its decoders are
/// late because the encoder's delay is not in the file.
pub(crate) struct Format {
    pub(crate) name: &'static str,
    pub(crate) arguments: &'static str,
    pub(crate) media_type: &'static str,
    pub(crate) untold_delay: Duration,
}

const fn format(
    name: &'static str,
    arguments: &'static str,
    media_type: &'static str,
    untold_samples: u64,
) -> Format {
    Format {
        name,
        arguments,
        media_type,
        untold_delay: Duration::from_micros(untold_samples * 1_000_000 / 44_100),
    }
}

/// LAME's 576 samples and the decoder's 529 are told by the Xing header only; AAC's 1,024 by an edit list, which
/// symphonia does not apply.
pub(crate) const FORMATS: [Format; 11] = [
    format("cbr.mp3", "-c:a libmp3lame -b:a 64k", "audio/mpeg", 0),
    format("vbr.mp3", "-c:a libmp3lame -q:a 4 -write_xing 0", "audio/mpeg", 1_105),
    format("plain.m4a", "-c:a aac -b:a 96k", "audio/mp4", 1_024),
    format("fragmented.mp4", "-c:a aac -b:a 96k -movflags frag_keyframe+empty_moov", "audio/mp4", 1_024),
    format("stream.aac", "-c:a aac -b:a 96k -f adts", "audio/aac", 1_024),
    format("plain.flac", "-c:a flac", "audio/flac", 0),
    format("vorbis.ogg", "-c:a libvorbis -q:a 3", "audio/ogg", 0),
    format("opus.ogg", "-c:a libopus -b:a 32k", "audio/ogg", 0),
    format("stereo.wav", "-ac 2 -ar 44100 -c:a pcm_s16le", "audio/wav", 0),
    format("telephone.wav", "-ar 8000 -c:a pcm_s16le", "audio/wav", 0),
    format("float.wav", "-ar 16000 -c:a pcm_f32le", "audio/wav", 0),
];

/// A folder with the signal in it.
pub(crate) struct Studio {
    folder: TempDir,
}

impl Studio {
    /// Records the signal: 44.1 kHz mono; silence in the first half, faint noise in the second, so that no bit rate
    /// is true for both; bursts of 1 kHz in either.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 44_100,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(folder.path().join("signal.wav"), spec).unwrap();
        let mut state = 1_u32;
        for at in 0..44_100 * 40_u32 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [.., high] = state.to_le_bytes();
            let noise = if at < 44_100 * 20 { 0 } else { i16::from(high) * 4 - 512 };
            let in_burst = |start: &u32| (start * 441..(start + BURST_MILLIS) * 441).contains(&(at * 10));
            let phase = f32::from(u16::try_from(at % 441).unwrap()) / 441.0 * 10.0 * std::f32::consts::TAU;
            let tone = if BURSTS.iter().any(in_burst) { pcm(phase.sin() * 0.7) } else { 0 };
            wav.write_sample(tone + noise).unwrap();
        }
        wav.finalize().unwrap();
        Self { folder }
    }

    /// The signal in a format.
    pub(crate) fn record(&self, format: &Format) -> LocalFile {
        self.ffmpeg(&["-i", "signal.wav"], format.arguments, format.name)
    }

    /// What FFmpeg makes of `input` with `arguments`.
    pub(crate) fn ffmpeg(&self, input: &[&str], arguments: &str, name: &str) -> LocalFile {
        let status = Command::new("ffmpeg")
            .current_dir(self.folder.path())
            .args(["-nostdin", "-v", "error", "-y"])
            .args(input)
            .args(arguments.split_whitespace())
            .arg(name)
            .status();
        let status = status.unwrap_or_else(|error| missing_ffmpeg(&error));
        assert!(status.success(), "ffmpeg could not write {name}");
        LocalFile::lasting(self.path(name))
    }

    /// A file of any content.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> LocalFile {
        std::fs::write(self.path(name), content).unwrap();
        LocalFile::lasting(self.path(name))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn pcm(sample: f32) -> i16 {
    let scaled = format!("{:.0}", sample * 32_767.0);
    scaled.parse().unwrap()
}

/// The content of a file.
pub(crate) fn content(file: &LocalFile) -> Vec<u8> {
    std::fs::read(file.path()).unwrap()
}

/// A probe and decoder with FFmpeg.
pub(crate) fn audio() -> SymphoniaAudio {
    let path = std::env::var_os("PATH").unwrap();
    let ffmpeg = Ffmpeg::find(&path).unwrap_or_else(|| missing_ffmpeg(&"it is not on the PATH"));
    SymphoniaAudio::new(Some(ffmpeg))
}

/// A probe and decoder without FFmpeg.
pub(crate) fn audio_without_ffmpeg() -> SymphoniaAudio {
    SymphoniaAudio::new(Ffmpeg::find(OsStr::new("")))
}

/// Whether there are no files in a folder, except hidden ones.
pub(crate) fn is_empty(folder: &Path) -> bool {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| !name.to_string_lossy().starts_with('.')).count() == 0
}

#[expect(clippy::panic, reason = "a missing program fails the test")]
fn missing_ffmpeg(error: &dyn std::fmt::Display) -> ! {
    panic!("these tests need ffmpeg ({error}): apt-get install ffmpeg")
}
