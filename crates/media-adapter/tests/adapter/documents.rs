use std::time::Duration;

use docx_rs::{DocumentChild, ParagraphChild, RunChild};
use lectern_application::ports::{ExportFormat, Transcript, TranscriptRenderer as _};
use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, Chunk, ChunkNumber, ChunkPlan, NewTranscription, Recording, Sha256, Title, TranscriptionId,
        TranscriptionNumber,
    },
};
use lectern_media_adapter::TranscriptFiles;
use uuid::Uuid;

fn transcript() -> Transcript {
    let new = NewTranscription {
        id: TranscriptionId(Uuid::nil()),
        owner: UserId(Uuid::nil()),
        title: Some(Title::parse("Waves & <particles>").unwrap()),
        language: None,
        recording: Recording {
            key: AudioKey(Uuid::nil()),
            media_type: "audio/mpeg".to_owned(),
            bytes: 1,
            sha256: Sha256([0; 32]),
        },
        plan: ChunkPlan::new(Duration::from_mins(90), Duration::from_mins(1)).unwrap(),
        created_at: Timestamp::from_micros(0),
    };
    let chunk = |number, text| Chunk::new(ChunkNumber(number), text, vec![]).unwrap();
    let chunks = vec![chunk(0, "Good morning."), chunk(1, ""), chunk(61, "a < b && \"c\"\nПривет 👋")];
    Transcript { transcription: new.numbered(TranscriptionNumber(7)), chunks }
}

async fn docx(format: ExportFormat) -> Vec<u8> {
    TranscriptFiles.render(transcript(), format).await.unwrap().bytes
}

/// The paragraphs of a document, line breaks within them as such.
fn paragraphs(docx: &[u8]) -> Vec<String> {
    let children = docx_rs::read_docx(docx).unwrap().document.children;
    let paragraphs = children.iter().filter_map(|child| match child {
        DocumentChild::Paragraph(paragraph) => Some(paragraph),
        _ => None,
    });
    let text = |run: &RunChild| match run {
        RunChild::Text(text) => text.text.clone(),
        RunChild::Break(_) => "\n".to_owned(),
        _ => String::new(),
    };
    paragraphs
        .map(|paragraph| {
            let runs = paragraph.children.iter().filter_map(|child| match child {
                ParagraphChild::Run(run) => Some(run),
                _ => None,
            });
            runs.flat_map(|run| &run.children).map(text).collect()
        })
        .collect()
}

#[tokio::test]
async fn a_docx_has_a_title_a_line_of_facts_and_a_paragraph_under_the_time_of_each_chunk() {
    let expected = [
        "Waves & <particles>",
        "No. 7 · 01:30:00",
        "00:00:00",
        "Good morning.",
        "01:01:00",
        "a < b && \"c\"\nПривет 👋",
    ];
    assert_eq!(paragraphs(&docx(ExportFormat::Docx).await), expected);
}

#[tokio::test]
async fn a_bare_docx_has_the_paragraphs_of_the_chunks_alone() {
    let expected = ["Good morning.", "", "a < b && \"c\"\nПривет 👋"];
    assert_eq!(paragraphs(&docx(ExportFormat::BareDocx).await), expected);
}

#[tokio::test]
async fn the_same_transcript_always_gives_the_same_bytes() {
    for format in ExportFormat::ALL {
        let first = TranscriptFiles.render(transcript(), format).await.unwrap();
        let second = TranscriptFiles.render(transcript(), format).await.unwrap();
        assert!(first == second, "{}", format.as_str());
    }
}
