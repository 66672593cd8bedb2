//! Recordings to upload.

use std::{fs, path::Path};

/// A minute of clear speech.
pub(crate) fn lecture() -> Vec<u8> {
    fs::read(asset("lecture.mp3")).unwrap()
}

/// What is said in it.
pub(crate) fn lecture_text() -> String {
    fs::read_to_string(asset("lecture.txt")).unwrap()
}

fn asset(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets").join(name)
}

/// Quiet noise as a WAV file, 8 kHz mono in 8 bits; another seed sounds another way.
pub(crate) fn noise(seconds: u32, seed: u32) -> Vec<u8> {
    let samples = seconds * 8000;
    let mut wav = Vec::new();
    wav.extend(b"RIFF");
    wav.extend((36 + samples).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(8000_u32.to_le_bytes());
    wav.extend(1_u16.to_le_bytes());
    wav.extend(8_u16.to_le_bytes());
    wav.extend(b"data");
    wav.extend(samples.to_le_bytes());
    let mut state = seed;
    wav.extend((0..samples).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [.., high] = state.to_le_bytes();
        128 + high % 8
    }));
    wav
}
