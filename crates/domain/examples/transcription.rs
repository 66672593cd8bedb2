//! A recording's way to text: `cargo run -p lectern-domain --example transcription`.
//!
//! An embedder keeps the [`Transcription`] and its chunks wherever it likes; the domain says what may happen next.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::{error::Error, time::Duration};

use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, Chunk, ChunkNumbers, ChunkPlan, NewTranscription, Recording, Segment, Sha256, Title,
        Transcription, TranscriptionId, TranscriptionNumber,
    },
};
use uuid::Uuid;

fn main() -> Result<(), Box<dyn Error>> {
    let mut now = Timestamp::from_micros(1_700_000_000_000_000);
    let plan = ChunkPlan::new(Duration::from_secs(150), Duration::from_mins(1))?;
    let new = NewTranscription {
        id: TranscriptionId(Uuid::from_u128(1)),
        owner: UserId(Uuid::from_u128(2)),
        title: Some(Title::parse("Lecture 7: oceans")?),
        language: None,
        recording: Recording {
            key: AudioKey(Uuid::from_u128(3)),
            media_type: "audio/mpeg".to_owned(),
            bytes: 1_200_000,
            sha256: Sha256([0; 32]),
        },
        plan,
        created_at: now,
    };
    let mut transcription = new.numbered(TranscriptionNumber(1)).start(now)?;
    show(&transcription);

    // A worker fails in the middle, and comes back: what is stored stays stored.
    let mut stored = ChunkNumbers::default();
    for number in plan.planned() {
        now = now.plus(Duration::from_secs(20));
        if number.0 == 1 {
            transcription = transcription.fail(now)?;
            show(&transcription);
            transcription = transcription.start(now)?;
        }
        let range = plan.range(number);
        let chunk =
            Chunk::from_segments(number, vec![Segment::new(range.start, range.end, "What was said.")?])?;
        transcription = transcription.store_chunk(chunk.number(), now)?;
        stored.insert(chunk.number());
        println!("chunk {} covers {:?}", number.0, range);
    }
    transcription = transcription.finish(&stored, now)?;
    show(&transcription);

    // Nothing happens to a completed one any more, and the error says why.
    if let Err(error) = transcription.cancel(now) {
        println!("cancel: {error}");
    }
    Ok(())
}

fn show(transcription: &Transcription) {
    let parts = transcription.parts();
    println!("{} (errors {}, revision {})", transcription.state(), parts.error_count, parts.revision);
}
