//! Measures what users wait for: `cargo run --release --example measure -- lecture.mp3` prints how long the packet
//! scan of the file takes, the decoding of a minute in its middle, and the rendering of a long transcript.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use std::{
    error::Error,
    path::PathBuf,
    time::{Duration, Instant},
};

use lectern_application::ports::{
    AudioDecoder as _, AudioProbe as _, ExportFormat, LocalFile, Transcript, TranscriptRenderer as _,
};
use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, Chunk, ChunkNumber, ChunkPlan, NewTranscription, Recording, Segment, Sha256,
        TranscriptionId, TranscriptionNumber,
    },
};
use lectern_media_adapter::{Ffmpeg, SymphoniaAudio, TranscriptFiles};
use uuid::Uuid;

const CHUNKS: u32 = 2_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args_os().nth(1).ok_or("usage: measure RECORDING")?;
    let file = LocalFile::lasting(PathBuf::from(file));
    let audio = SymphoniaAudio::new(Ffmpeg::find(&std::env::var_os("PATH").unwrap_or_default()));

    let start = Instant::now();
    let probed = audio.probe(&file).await?;
    println!("packet scan of {:?} ({}): {:?}", probed.duration, probed.media_type, start.elapsed());

    let middle = probed.duration / 2;
    let start = Instant::now();
    let samples = audio.decode(&file, middle..middle + Duration::from_mins(1)).await?;
    println!("decoding {} samples in its middle: {:?}", samples.len(), start.elapsed());

    let transcript = transcript()?;
    for format in ExportFormat::ALL {
        let transcript = transcript.clone();
        let start = Instant::now();
        let bytes = TranscriptFiles.render(transcript, format).await?.bytes.len();
        println!("{} of {CHUNKS} chunks, {bytes} bytes: {:?}", format.as_str(), start.elapsed());
    }
    Ok(())
}

/// Chunks of a minute, 20 segments of 10 words each.
fn transcript() -> Result<Transcript, Box<dyn Error>> {
    let size = Duration::from_mins(1);
    let chunk = |number: u32| -> Result<Chunk, Box<dyn Error>> {
        let segment = |part: u32| {
            let start = size * number + Duration::from_secs(3) * part;
            Segment::new(
                start,
                start + Duration::from_secs(3),
                "the quick brown fox jumps over the lazy old dog",
            )
        };
        let segments = (0..20).map(segment).collect::<Result<_, _>>()?;
        Ok(Chunk::from_segments(ChunkNumber(number), segments)?)
    };
    let new = NewTranscription {
        id: TranscriptionId(Uuid::nil()),
        owner: UserId(Uuid::nil()),
        title: None,
        language: None,
        recording: Recording {
            key: AudioKey(Uuid::nil()),
            media_type: "audio/mpeg".to_owned(),
            bytes: 0,
            sha256: Sha256([0; 32]),
        },
        plan: ChunkPlan::new(size * CHUNKS, size)?,
        created_at: Timestamp::from_micros(0),
    };
    let chunks = (0..CHUNKS).map(chunk).collect::<Result<_, _>>()?;
    Ok(Transcript { transcription: new.numbered(TranscriptionNumber(1)), chunks })
}
