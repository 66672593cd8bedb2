use std::time::Duration;

use lectern_application::ports::{AudioProbe as _, AudioReadError, LocalFile, Probed};

use crate::recordings::{FORMATS, Format, LENGTH, Studio, audio, audio_without_ffmpeg, content};

async fn probe(file: &LocalFile) -> Result<Probed, AudioReadError> {
    audio().probe(file).await
}

async fn is_not_audio(file: &LocalFile) -> bool {
    matches!(probe(file).await, Err(AudioReadError::NotAudio))
}

fn named(name: &str) -> &'static Format {
    FORMATS.iter().find(|format| format.name == name).unwrap()
}

/// Noise with a seed.
fn garbage(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [low, ..] = state.to_le_bytes();
        low
    };
    std::iter::repeat_with(next).take(len).collect()
}

#[tokio::test]
async fn a_recording_is_as_long_as_its_packets() {
    let studio = Studio::new();
    for format in &FORMATS {
        let measured = probe(&studio.record(format)).await.unwrap().duration;
        assert!(measured.abs_diff(LENGTH) < Duration::from_millis(110), "{}: {measured:?}", format.name);
    }
}

#[tokio::test]
async fn the_media_type_is_that_of_the_content_and_not_of_the_name() {
    let studio = Studio::new();
    for format in &FORMATS {
        let file = studio.write("upload.bin", &content(&studio.record(format)));
        assert_eq!(probe(&file).await.unwrap().media_type, format.media_type, "{}", format.name);
    }
}

#[tokio::test]
async fn a_video_with_sound_is_a_recording() {
    let studio = Studio::new();
    let input = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=40", "-i", "signal.wav"];
    let file = studio.ffmpeg(&input, "-c:v mpeg4 -c:a aac -shortest", "talk.mp4");
    let probed = probe(&file).await.unwrap();
    assert_eq!(probed.media_type, "video/mp4");
    assert!(probed.duration.abs_diff(LENGTH) < Duration::from_millis(200), "{probed:?}");
}

#[tokio::test]
async fn a_video_without_sound_is_not_audio() {
    let input = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=5:duration=3"];
    let studio = Studio::new();
    assert!(is_not_audio(&studio.ffmpeg(&input, "-c:v mpeg4", "silent.mp4")).await);
}

#[tokio::test]
async fn an_empty_file_is_not_audio() {
    assert!(is_not_audio(&Studio::new().write("empty", b"")).await);
}

#[tokio::test]
async fn garbage_is_not_audio() {
    let studio = Studio::new();
    for seed in 1..=20 {
        for len in [1, 100, 20_000, 600_000] {
            let file = studio.write("garbage", &garbage(seed, len));
            assert!(is_not_audio(&file).await, "seed {seed}, {len} bytes");
        }
    }
}

#[tokio::test]
async fn text_is_not_audio() {
    let text = "All work and no play makes a dull recording.\n".repeat(5_000);
    assert!(is_not_audio(&Studio::new().write("notes.mp3", text.as_bytes())).await);
}

#[tokio::test]
async fn packets_that_do_not_decode_are_not_audio() {
    let studio = Studio::new();
    let mut bytes = content(&studio.record(named("plain.m4a")));
    let start = bytes.windows(4).position(|name| name == b"mdat").unwrap() + 4;
    let end = bytes.windows(4).position(|name| name == b"moov").unwrap() - 4;
    let noise = garbage(3, end - start);
    bytes[start..end].copy_from_slice(&noise);
    assert!(is_not_audio(&studio.write("noise.m4a", &bytes)).await);
}

#[tokio::test]
async fn a_sample_rate_that_can_not_be_decoded_is_refused() {
    let studio = Studio::new();
    for rate in [999_u32, 384_001] {
        let mut bytes = content(&studio.record(named("telephone.wav")));
        bytes[24..28].copy_from_slice(&rate.to_le_bytes());
        bytes[28..32].copy_from_slice(&(rate * 2).to_le_bytes());
        assert!(is_not_audio(&studio.write("absurd.wav", &bytes)).await, "{rate} Hz");
    }
}

#[tokio::test]
async fn a_truncated_mp3_is_as_long_as_what_is_there() {
    let studio = Studio::new();
    let bytes = content(&studio.record(named("cbr.mp3")));
    let half = studio.write("half.mp3", &bytes[..bytes.len() / 2]);
    let measured = probe(&half).await.unwrap().duration;
    assert!(measured.abs_diff(LENGTH / 2) < Duration::from_millis(100), "{measured:?}");
}

#[tokio::test]
async fn a_truncated_m4a_without_its_index_is_not_audio() {
    let studio = Studio::new();
    let bytes = content(&studio.record(named("plain.m4a")));
    assert!(is_not_audio(&studio.write("half.m4a", &bytes[..bytes.len() / 2])).await);
}

#[tokio::test]
async fn a_truncated_m4a_with_its_index_is_as_long_as_what_is_there() {
    let studio = Studio::new();
    let whole = studio.ffmpeg(&["-i", "signal.wav"], "-c:a aac -movflags +faststart", "fast.m4a");
    let bytes = content(&whole);
    let half = studio.write("half.m4a", &bytes[..bytes.len() / 2]);
    let measured = probe(&half).await.unwrap().duration;
    assert!((Duration::from_secs(5)..Duration::from_secs(35)).contains(&measured), "{measured:?}");
}

#[tokio::test]
async fn a_wav_header_that_promises_more_is_not_believed() {
    let studio = Studio::new();
    for promise in [u32::MAX, u32::MAX / 2, 100_000_000] {
        let mut bytes = content(&studio.record(named("telephone.wav")));
        let length = bytes.windows(4).position(|name| name == b"data").unwrap() + 4;
        let headers = u32::try_from(length - 4).unwrap();
        bytes[4..8].copy_from_slice(&promise.saturating_add(headers).to_le_bytes());
        bytes[length..length + 4].copy_from_slice(&promise.to_le_bytes());
        let measured = probe(&studio.write("liar.wav", &bytes)).await.unwrap().duration;
        assert!(measured.abs_diff(LENGTH) < Duration::from_millis(150), "{promise}: {measured:?}");
    }
}

#[tokio::test]
async fn damage_in_the_middle_is_skipped() {
    let studio = Studio::new();
    let mut bytes = content(&studio.record(named("cbr.mp3")));
    let middle = bytes.len() / 2;
    let noise = garbage(9, 5_000);
    bytes[middle..middle + noise.len()].copy_from_slice(&noise);
    let measured = probe(&studio.write("scratched.mp3", &bytes)).await.unwrap().duration;
    assert!(measured.abs_diff(LENGTH) < Duration::from_secs(1), "{measured:?}");
}

#[tokio::test]
async fn without_ffmpeg_opus_is_refused_with_a_way_out() {
    let studio = Studio::new();
    let file = studio.record(named("opus.ogg"));
    let error = audio_without_ffmpeg().probe(&file).await.unwrap_err();
    assert!(error.to_string().contains("Opus") && error.to_string().contains("install FFmpeg"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_unreadable() {
    let file = LocalFile::lasting(Studio::new().path("nothing.mp3"));
    assert!(matches!(probe(&file).await, Err(AudioReadError::Unreadable { .. })));
}
