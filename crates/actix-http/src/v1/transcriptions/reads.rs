//! Lists, single transcriptions, and their text.

use actix_web::{HttpResponse, get, web::Data};
use lectern_domain::transcription::{SearchText, StateName, TranscriptionId};
use serde::Deserialize;
use utoipa::IntoParams;

use super::dto::{ChunkBody, TranscriptionBody};
use crate::{
    api::Api,
    extract::{Id, Query, SignedIn},
    failures::{CallerFailures, Missing, QueryFailures},
    problem::Problem,
    v1::page::{PageBody, page_request},
};

/// Which transcriptions to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    page: Option<u32>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 200)]
    size: Option<u32>,
    /// Only those in this state.
    #[param(
        pattern = "^(queued|in_progress|processing_error|completed|completed_partially|processing_fail|cancelled)$"
    )]
    state: Option<String>,
    /// Only those whose title or text has all of these words, at most 16 and 200 characters.
    #[param(max_length = 200)]
    search: Option<String>,
}

/// Which chunks to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ChunkParams {
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    page: Option<u32>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 200)]
    size: Option<u32>,
}

/// List one's own transcriptions, newest first.
#[utoipa::path(
    tag = "transcriptions",
    params(ListParams),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = PageBody<TranscriptionBody>),
        QueryFailures, CallerFailures,
    )
)]
#[get("/transcriptions")]
pub(super) async fn list(
    api: Data<Api>,
    caller: SignedIn,
    query: Query<ListParams>,
) -> Result<HttpResponse, Problem> {
    let Query(ListParams { page, size, state, search }) = query;
    let page = page_request(page, size)?;
    let state = state.as_deref().map(parse_state).transpose()?;
    let search = search.as_deref().map(SearchText::parse).transpose();
    let search = search.map_err(|error| Problem::field("search", error.to_string()))?;
    let page = api.list_transcriptions.execute(&caller.0, state, search, page).await?;
    Ok(HttpResponse::Ok().json(PageBody::new(page, |view| TranscriptionBody::from(&view))))
}

fn parse_state(name: &str) -> Result<StateName, Problem> {
    StateName::parse(name).ok_or_else(|| {
        let names: Vec<_> = StateName::ALL.iter().map(|state| state.as_str()).collect();
        Problem::field("state", format!("must be one of {}", names.join(", ")))
    })
}

/// Read a transcription.
#[utoipa::path(
    tag = "transcriptions",
    params(("id" = Uuid, Path, description = "The transcription")),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = TranscriptionBody),
        CallerFailures, Missing,
    )
)]
#[get("/transcriptions/{id}")]
pub(super) async fn read(api: Data<Api>, caller: SignedIn, id: Id) -> Result<HttpResponse, Problem> {
    let view = api.read_transcription.execute(&caller.0, TranscriptionId(id.0)).await?;
    Ok(HttpResponse::Ok().json(TranscriptionBody::from(&view)))
}

/// Read the text, chunk by chunk.
#[utoipa::path(
    tag = "transcriptions",
    params(("id" = Uuid, Path, description = "The transcription"), ChunkParams),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = PageBody<ChunkBody>),
        QueryFailures, CallerFailures, Missing,
    )
)]
#[get("/transcriptions/{id}/chunks")]
pub(super) async fn chunks(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    query: Query<ChunkParams>,
) -> Result<HttpResponse, Problem> {
    let page = page_request(query.0.page, query.0.size)?;
    let (view, page) = api.read_chunks.execute(&caller.0, TranscriptionId(id.0), page).await?;
    let plan = view.transcription.parts().plan;
    Ok(HttpResponse::Ok().json(PageBody::new(page, |chunk| ChunkBody::new(&chunk, plan))))
}
