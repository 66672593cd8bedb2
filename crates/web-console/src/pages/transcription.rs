//! One recording: how far it is, and its text as it comes.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Path, Query},
};
use askama::Template;
use lectern_application::ports::{ExportFormat, PageRequest};
use lectern_domain::transcription::{Chunk, ChunkPlan, StateName};
use serde::Deserialize;

use super::{Turns, name_of, transcription_id, transcriptions::Row};
use crate::{Console, answer, failure::Failure, gate::Visitor, wording};

/// Which part of the text to show.
#[derive(Deserialize)]
pub(crate) struct Parameters {
    page: Option<u32>,
}

#[derive(Template)]
#[template(path = "transcription.html")]
struct TranscriptionPage {
    name: String,
    recording: Row,
    can_retry: bool,
    /// Whether there is a recording to hear.
    has_audio: bool,
    parts: Vec<Part>,
    formats: [&'static str; 5],
    turns: Option<Turns>,
    /// Whether text that comes belongs on this page.
    is_last: bool,
}

/// The text of a chunk.
struct Part {
    number: u32,
    starts: String,
    text: String,
}

impl Part {
    fn new(chunk: &Chunk, plan: ChunkPlan) -> Self {
        Self {
            number: chunk.number().0,
            starts: wording::clock(plan.range(chunk.number()).start),
            text: chunk.text().to_owned(),
        }
    }
}

/// Shows it.
pub(crate) async fn show(
    console: Data<Console>,
    visitor: Visitor,
    id: Path<String>,
    query: Query<Parameters>,
) -> Result<HttpResponse, Failure> {
    let id = transcription_id(&id)?;
    let request = PageRequest::new(query.page.unwrap_or(1), PageRequest::MAX_SIZE);
    let request = request.ok_or_else(Failure::not_found)?;
    let (view, page) = console.read_chunks.execute(&visitor.caller, id, request).await?;
    let plan = view.transcription.parts().plan;
    let has_audio = view.transcription.parts().audio_removed_at.is_none();
    let shown = TranscriptionPage {
        name: name_of(&visitor),
        can_retry: has_audio && can_retry(view.transcription.state()),
        has_audio,
        recording: Row::from(&view),
        parts: page.items.iter().map(|chunk| Part::new(chunk, plan)).collect(),
        formats: ExportFormat::NAMED.map(ExportFormat::as_str),
        is_last: u64::from(request.page()) >= page.pages(),
        turns: Turns::new(&page, &[]),
    };
    Ok(answer::page(StatusCode::OK, &shown))
}

/// Whether a button makes sense. The API decides again when it is pressed.
const fn can_retry(state: StateName) -> bool {
    match state {
        StateName::ProcessingError
        | StateName::ProcessingFail
        | StateName::CompletedPartially
        | StateName::Cancelled => true,
        StateName::Queued | StateName::InProgress | StateName::Completed => false,
    }
}
