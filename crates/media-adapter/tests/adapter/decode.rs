use std::{ops::Range, time::Duration};

use lectern_application::ports::{AudioDecoder as _, AudioProbe as _, AudioReadError, LocalFile};

use crate::recordings::{BURSTS, FORMATS, LENGTH, Studio, audio, audio_without_ffmpeg, content};

const TOLERANCE: Duration = Duration::from_millis(20);

async fn decode(file: &LocalFile, window: Range<Duration>) -> Vec<f32> {
    audio().decode(file, window).await.unwrap()
}

fn millis(window: Range<u64>) -> Range<Duration> {
    Duration::from_millis(window.start)..Duration::from_millis(window.end)
}

/// When the first burst begins.
fn onset(samples: &[f32]) -> Option<Duration> {
    let loud = samples.iter().position(|sample| sample.abs() > 0.2)?;
    Some(Duration::from_nanos(u64::try_from(loud).unwrap() * 62_500))
}

#[tokio::test]
async fn a_burst_is_heard_when_it_sounds_in_windows_all_over_the_recording() {
    let studio = Studio::new();
    for format in &FORMATS {
        let file = studio.record(format);
        for burst in BURSTS.map(|burst| Duration::from_millis(burst.into())) {
            let start = burst.saturating_sub(Duration::from_millis(417));
            let samples = decode(&file, start..start + Duration::from_secs(1)).await;
            let heard = start + onset(&samples).unwrap_or_default();
            let late = heard.abs_diff(burst + format.untold_delay);
            assert!(late < TOLERANCE, "{}: {burst:?} was heard at {heard:?}", format.name);
        }
    }
}

#[tokio::test]
async fn windows_join_to_the_whole_recording() {
    let studio = Studio::new();
    for format in &FORMATS {
        let file = studio.record(format);
        let whole = decode(&file, Duration::ZERO..LENGTH * 2).await;
        let mut joined = Vec::new();
        for border in [0, 333, 6_300, 12_345, 19_001, 33_400, 80_000].windows(2) {
            joined.extend(decode(&file, millis(border[0]..border[1])).await);
        }
        assert_eq!(joined.len(), whole.len(), "{}", format.name);
        let apart = joined.iter().zip(&whole).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart < 0.001, "{}: apart by {apart}", format.name);
    }
}

#[tokio::test]
async fn the_same_window_always_gives_the_same_samples() {
    let studio = Studio::new();
    for format in &FORMATS {
        let file = studio.record(format);
        let first = decode(&file, millis(25_900..26_500)).await;
        assert!(decode(&file, millis(25_900..26_500)).await == first, "{}", format.name);
    }
}

#[tokio::test]
async fn a_window_has_the_samples_between_its_rounded_ends() {
    let studio = Studio::new();
    for format in &FORMATS {
        let window = Duration::from_micros(10_000_020)..Duration::from_micros(12_000_050);
        // 160,000.32 and 192,000.8 samples.
        assert_eq!(decode(&studio.record(format), window).await.len(), 32_001, "{}", format.name);
    }
}

#[tokio::test]
async fn decoding_ends_where_the_probe_says_the_recording_ends() {
    let studio = Studio::new();
    for format in &FORMATS {
        let file = studio.record(format);
        let probed = audio().probe(&file).await.unwrap().duration;
        let start = Duration::from_secs(35);
        let samples = u32::try_from(decode(&file, start..start * 2).await.len()).unwrap();
        let decoded = start + Duration::from_nanos(62_500) * samples;
        assert!(
            decoded.abs_diff(probed) < Duration::from_millis(30),
            "{}: {decoded:?}, {probed:?}",
            format.name
        );
    }
}

#[tokio::test]
async fn beyond_the_end_there_is_nothing() {
    let studio = Studio::new();
    for format in &FORMATS {
        let samples = decode(&studio.record(format), LENGTH * 2..LENGTH * 3).await;
        assert!(samples.is_empty(), "{}: {}", format.name, samples.len());
    }
}

#[tokio::test]
async fn channels_are_mixed_to_their_mean() {
    let studio = Studio::new();
    let left_only = studio.ffmpeg(&["-i", "signal.wav"], "-af pan=stereo|c0=c0 -c:a pcm_s16le", "left.wav");
    let samples = decode(&left_only, millis(500..650)).await;
    let peak = samples.iter().fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    assert!((0.33..0.37).contains(&peak), "{peak}");
}

#[tokio::test]
async fn damage_does_not_move_what_follows() {
    let studio = Studio::new();
    let file = studio.ffmpeg(&["-i", "signal.wav"], "-c:a flac", "scratched.flac");
    let mut bytes = content(&file);
    let third = bytes.len() / 3;
    bytes[third..third + 3_000].fill(0x55);
    let file = studio.write("scratched.flac", &bytes);
    let heard = onset(&decode(&file, millis(38_500..39_500)).await).unwrap();
    assert!(heard.abs_diff(Duration::from_millis(500)) < TOLERANCE, "{heard:?}");
}

#[tokio::test]
async fn a_capture_of_a_running_stream_starts_at_zero() {
    let studio = Studio::new();
    let input = ["-i", "signal.wav"];
    let file = studio.ffmpeg(&input, "-c:a libvorbis -output_ts_offset 5000", "capture.ogg");
    let heard = onset(&decode(&file, millis(6_000..7_000)).await).unwrap();
    assert!(heard.abs_diff(Duration::from_millis(250)) < TOLERANCE, "{heard:?}");
}

#[tokio::test]
async fn without_ffmpeg_opus_is_not_decoded() {
    let studio = Studio::new();
    let file = studio.ffmpeg(&["-i", "signal.wav"], "-c:a libopus", "opus.ogg");
    let result = audio_without_ffmpeg().decode(&file, millis(0..1_000)).await;
    assert!(matches!(result, Err(AudioReadError::UnsupportedCodec { .. })));
}
