//! The console: one's recordings, newest first, and the form to upload another.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{Data, Query},
};
use askama::Template;
use lectern_application::ports::{PageRequest, TranscriptionView};
use lectern_domain::{access::Permission, transcription::SearchText};
use serde::Deserialize;
use uuid::Uuid;

use super::{Turns, name_of};
use crate::{
    Console, answer,
    failure::Failure,
    gate::Visitor,
    wording::{self, Instant},
};

/// How many recordings a page has.
const PAGE_SIZE: u32 = 20;

/// Which recordings to show. Parameters that mean nothing here are left alone, as in every address on the web.
#[derive(Deserialize)]
pub(crate) struct Parameters {
    page: Option<u32>,
    search: Option<String>,
}

#[derive(Template)]
#[template(path = "transcriptions.html")]
struct TranscriptionsPage {
    name: String,
    can_interact: bool,
    may_upload: bool,
    search: String,
    rows: Vec<Row>,
    turns: Option<Turns>,
}

/// One recording.
pub(super) struct Row {
    pub(super) id: Uuid,
    pub(super) title: String,
    pub(super) state: &'static str,
    pub(super) state_words: &'static str,
    pub(super) is_active: bool,
    pub(super) done: u32,
    pub(super) planned: u32,
    pub(super) length: String,
    pub(super) uploaded: Instant,
    pub(super) beginning: String,
}

impl From<&TranscriptionView> for Row {
    fn from(view: &TranscriptionView) -> Self {
        let parts = view.transcription.parts();
        let state = parts.state.name();
        let untitled = || format!("Recording {}", parts.number.0);
        Self {
            id: parts.id.0,
            title: parts.title.as_ref().map_or_else(untitled, ToString::to_string),
            state: state.as_str(),
            state_words: wording::state(state),
            is_active: state.is_active(),
            done: view.chunks_done,
            planned: parts.plan.planned_count(),
            length: wording::clock(parts.plan.duration()),
            uploaded: parts.created_at.into(),
            beginning: view.description.clone().unwrap_or_default(),
        }
    }
}

/// Shows them.
pub(crate) async fn list(
    console: Data<Console>,
    visitor: Visitor,
    query: Query<Parameters>,
) -> Result<HttpResponse, Failure> {
    let Query(Parameters { page, search }) = query;
    let words = SearchText::parse(search.as_deref().unwrap_or_default());
    let words = words.map_err(|error| Failure::invalid(format!("A search {error}.")))?;
    let search = words.as_str().to_owned();
    let request = PageRequest::new(page.unwrap_or(1), PAGE_SIZE).ok_or_else(Failure::not_found)?;
    let words = (!search.is_empty()).then_some(words);
    let page = console.list_transcriptions.execute(&visitor.caller, None, words, request).await?;
    let filter: &[_] = if search.is_empty() { &[] } else { &[("search", search.as_str())] };
    let principal = &visitor.caller.principal;
    let shown = TranscriptionsPage {
        name: name_of(&visitor),
        can_interact: principal.can_interact,
        may_upload: principal.require_interaction(&Permission::TRANSCRIPTIONS_CREATE).is_ok(),
        rows: page.items.iter().map(Row::from).collect(),
        turns: Turns::new(&page, filter),
        search,
    };
    Ok(answer::page(StatusCode::OK, &shown))
}
