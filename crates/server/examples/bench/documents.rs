//! Long transcripts as documents.

use std::time::{Duration, Instant};

use lectern_application::ports::{ExportFormat, Transcript, TranscriptRenderer as _};
use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, Chunk, ChunkNumber, ChunkPlan, NewTranscription, Recording, Segment, Sha256,
        TranscriptionId, TranscriptionNumber,
    },
};
use lectern_media_adapter::TranscriptFiles;
use uuid::Uuid;

use crate::{
    Outcome, ROUNDS,
    table::{Row, median, time, within},
};

const CHUNKS: u32 = 2_000;
const DOCX: Duration = Duration::from_millis(150);

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let transcript = transcript()?;
    let (mut documents, mut yardsticks) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        yardsticks.push(render(&transcript, ExportFormat::Json).await?);
        documents.push(render(&transcript, ExportFormat::Docx).await?);
    }
    let (docx, json) = (median(documents), median(yardsticks));
    Ok(vec![Row {
        what: format!("a transcript of {CHUNKS} chunks as docx"),
        ours: time(docx),
        yardstick: format!("the same as JSON: {}", time(json)),
        ratio: docx / json,
        bar: within(DOCX, docx),
    }])
}

/// How many seconds it takes.
async fn render(transcript: &Transcript, format: ExportFormat) -> Outcome<f64> {
    let transcript = transcript.clone();
    let began = Instant::now();
    TranscriptFiles.render(transcript, format).await?;
    Ok(began.elapsed().as_secs_f64())
}

/// Chunks of a minute, 20 segments of 10 words each.
fn transcript() -> Outcome<Transcript> {
    let size = Duration::from_mins(1);
    let chunk = |number: u32| -> Outcome<Chunk> {
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
