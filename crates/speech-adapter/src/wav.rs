//! Recordings as files for programs: RIFF WAVE, 16 kHz, mono, 16-bit PCM.

use std::{
    ffi::OsStr,
    io::{self, BufWriter},
    path::Path,
};

use hound::{SampleFormat, WavSpec, WavWriter};
use tempfile::NamedTempFile;

use crate::timeline::SAMPLE_RATE;

/// How the names of recordings begin.
const PREFIX: &str = "lectern-";
/// How they end.
const SUFFIX: &str = ".wav";

/// Whether a file has a name such as [`write`] gives.
pub(crate) fn is_ours(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(PREFIX.as_bytes()) && name.ends_with(SUFFIX.as_bytes())
}

/// Writes samples in -1.0..=1.0 to a file in `folder` that only the owner can read, and that is removed when dropped.
pub(crate) fn write(samples: &[f32], folder: &Path) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix(PREFIX).suffix(SUFFIX).tempfile_in(folder)?;
    let spec = WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut writer = WavWriter::new(BufWriter::new(file.as_file()), spec).map_err(as_io)?;
    for &sample in samples {
        writer.write_sample(quantised(sample)).map_err(as_io)?;
    }
    writer.finalize().map_err(as_io)?;
    Ok(file)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the only conversion from float to integer there is; it rounds towards zero, saturates, and maps NaN to 0"
)]
fn quantised(sample: f32) -> i16 {
    (sample * f32::from(i16::MAX)).round() as i16
}

fn as_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn samples_are_written_at_16_bits_and_saturate() {
        let folder = tempfile::tempdir().unwrap();
        let file = write(&[0.0, 1.0, -1.0, 2.0, -2.0, f32::NAN, 0.5], folder.path()).unwrap();
        let mut reader = hound::WavReader::open(file.path()).unwrap();
        let spec = reader.spec();
        assert_eq!((spec.channels, spec.sample_rate, spec.bits_per_sample), (1, 16_000, 16));
        let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
        assert_eq!(samples, [0, 32_767, -32_767, 32_767, -32_768, 0, 16_384]);
    }

    #[test]
    fn others_can_not_read_what_was_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = write(&[0.0], folder.path()).unwrap();
        assert_eq!(file.as_file().metadata().unwrap().mode() & 0o777, 0o600);
    }
}
