//! What owners do with their transcriptions.

use actix_web::{
    HttpResponse, get,
    http::{
        StatusCode,
        header::{self, ContentDisposition, DispositionParam, DispositionType},
    },
    post,
    web::Data,
};
use lectern_application::{
    Caller,
    ports::{ExportFormat, PageRequest},
    transcriptions::ChangeError,
};
use lectern_domain::transcription::TranscriptionNumber;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{
    dto::transcriptions::{ChunkBody, PageBody, TranscriptionBody},
    extract::{Bearer, Numbered},
};
use crate::{
    api::Api,
    extract::{MaybeJson, Query},
    openapi::Routes,
    problem::Problem,
};

/// How many items a page has unless asked otherwise.
const DEFAULT_SIZE: u32 = 50;

/// Mounts them.
pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list).service(read).service(chunks).service(export);
    config.service(cancel).service(cancel_by_path);
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    page: Option<u32>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 500)]
    size: Option<u32>,
}

impl ListParams {
    fn page(&self) -> Result<PageRequest, Problem> {
        let page = self.page.unwrap_or(1);
        PageRequest::new(page, self.size.unwrap_or(DEFAULT_SIZE)).ok_or_else(|| {
            if page == 0 {
                Problem::field("page", "Input should be greater than or equal to 1")
            } else {
                Problem::field("size", format!("Input should be from 1 to {}", PageRequest::MAX_SIZE))
            }
        })
    }
}

/// List one's own transcriptions, newest first.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_transcriptions",
    params(ListParams),
    security(("bearer" = [])),
    responses(
        (status = 200, body = PageBody<TranscriptionBody>),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
        (status = 422, description = "A parameter is invalid"),
    )
)]
#[get("/transcriptions")]
async fn list(api: Data<Api>, caller: Bearer, query: Query<ListParams>) -> Result<HttpResponse, Problem> {
    let page = api.list_transcriptions.execute(&caller.0, None, None, query.0.page()?).await?;
    Ok(HttpResponse::Ok().json(PageBody::new(page, TranscriptionBody::from)))
}

/// Which transcription.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TranscriptionParams {
    /// Its number.
    transcript_id: i64,
}

/// Read a transcription.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_transcript_info",
    params(TranscriptionParams),
    security(("bearer" = [])),
    responses(
        (status = 200, body = TranscriptionBody),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
        (status = 404, description = "It isn't there, or is another's"),
        (status = 422, description = "A parameter is missing or invalid"),
    )
)]
#[get("/transcript/info")]
async fn read(
    api: Data<Api>,
    caller: Bearer,
    query: Query<TranscriptionParams>,
) -> Result<HttpResponse, Problem> {
    let number = TranscriptionNumber(query.0.transcript_id);
    let view = api.read_transcription.execute(&caller.0, number).await?;
    Ok(HttpResponse::Ok().json(TranscriptionBody::from(view)))
}

/// Which chunks.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChunkParams {
    /// The transcription's number.
    task_id: i64,
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    page: Option<u32>,
    /// How many chunks a page has; of more than 500 there are 500.
    #[param(minimum = 1)]
    size: Option<u32>,
    /// How many chunks to leave out, instead of `page`.
    skip: Option<u64>,
    /// The same as `size`, and goes before it.
    #[param(minimum = 1)]
    limit: Option<u32>,
}

impl ChunkParams {
    /// `skip` and `limit` say more exactly what `page` and `size` say, so they count where both are there.
    fn page(&self) -> Result<PageRequest, Problem> {
        let asked = self.limit.or(self.size).unwrap_or(DEFAULT_SIZE);
        let size = asked.min(PageRequest::MAX_SIZE);
        let page = match self.skip {
            Some(skip) => PageRequest::after(skip, size),
            None => PageRequest::new(self.page.unwrap_or(1), size),
        };
        page.ok_or_else(|| {
            let wrong = match (asked, self.limit) {
                (0, Some(_)) => "limit",
                (0, None) => "size",
                _ => "page",
            };
            Problem::field(wrong, "Input should be greater than or equal to 1")
        })
    }
}

/// Read the text, chunk by chunk.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_transcript",
    params(ChunkParams),
    security(("bearer" = [])),
    responses(
        (status = 200, body = PageBody<ChunkBody>),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
        (status = 404, description = "It isn't there, or is another's"),
        (status = 422, description = "A parameter is missing or invalid"),
    )
)]
#[get("/transcript")]
async fn chunks(api: Data<Api>, caller: Bearer, query: Query<ChunkParams>) -> Result<HttpResponse, Problem> {
    let number = TranscriptionNumber(query.0.task_id);
    let (view, page) = api.read_chunks.execute(&caller.0, number, query.0.page()?).await?;
    Ok(HttpResponse::Ok().json(PageBody::new(page, |chunk| ChunkBody::new(&chunk, &view))))
}

/// What to export, and as what. In the query or in a body; the query goes first.
#[derive(Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[schema(as = LazyLectureExport)]
struct ExportParams {
    /// The transcription's number.
    task_id: Option<i64>,
    /// `doc` for a file of Office Open XML, or `txt`.
    #[param(pattern = "^(doc|txt)$")]
    format: Option<String>,
}

impl ExportParams {
    fn or(self, other: Self) -> Self {
        Self { task_id: self.task_id.or(other.task_id), format: self.format.or(other.format) }
    }

    fn checked(self) -> Result<(TranscriptionNumber, ExportFormat), Problem> {
        let missing = |name: &str| Problem::field(name, format!("missing field `{name}`"));
        let number = self.task_id.map(TranscriptionNumber).ok_or_else(|| missing("task_id"))?;
        match self.format.as_deref() {
            Some("doc") => Ok((number, ExportFormat::BareDocx)),
            Some("txt") => Ok((number, ExportFormat::BareTxt)),
            Some(_) => Err(Problem::field("format", "Input should be 'doc' or 'txt'")),
            None => Err(missing("format")),
        }
    }
}

/// Export what is transcribed so far: the text of its chunks, and a blank line between each two.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_export",
    params(ExportParams),
    request_body = Option<ExportParams>,
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The file, called after its owner's number", content(
            (String = "text/plain"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        )),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
        (status = 404, description = "It isn't there, or is another's"),
        (status = 409, description = "Nothing is transcribed yet"),
        (status = 422, description = "A parameter is missing or invalid"),
    )
)]
#[post("/transcript/export")]
async fn export(
    api: Data<Api>,
    caller: Bearer,
    query: Query<ExportParams>,
    body: MaybeJson<ExportParams>,
) -> Result<HttpResponse, Problem> {
    let (number, format) = query.0.or(body.0.unwrap_or_default()).checked()?;
    let (view, document) = api.export_transcript.execute(&caller.0, number, format).await?;
    let file_name = format!("{}.{}", view.owner_number.0, document.format.as_str());
    let attachment = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(file_name)],
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, document.format.media_type()))
        .insert_header(attachment)
        .body(document.bytes))
}

/// Call a transcription off. What is transcribed so far stays.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_cancel",
    params(TranscriptionParams),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "`OK`", body = String, content_type = "text/plain"),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
        (status = 404, description = "It isn't there, or is another's"),
        (status = 409, description = "It is finished"),
        (status = 422, description = "A parameter is missing or invalid"),
    )
)]
#[post("/transcript/cancel")]
async fn cancel(
    api: Data<Api>,
    caller: Bearer,
    query: Query<TranscriptionParams>,
) -> Result<HttpResponse, Problem> {
    called_off(&api, &caller.0, TranscriptionNumber(query.0.transcript_id)).await
}

/// Call a transcription off. What is transcribed so far stays.
#[utoipa::path(
    tag = "lazy-lecture",
    operation_id = "lazy_lecture_cancel_by_path",
    params(("id" = i64, Path, description = "The transcription's number")),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "`OK`", body = String, content_type = "text/plain"),
        (status = 401, description = "There is no access token, or it is not, or no longer, good"),
        (status = 404, description = "It isn't there, or is another's"),
        (status = 409, description = "It is finished"),
    )
)]
#[post("/transcriptions/{id}/cancel")]
async fn cancel_by_path(api: Data<Api>, caller: Bearer, id: Numbered) -> Result<HttpResponse, Problem> {
    called_off(&api, &caller.0, id.0).await
}

async fn called_off(
    api: &Api,
    caller: &Caller,
    number: TranscriptionNumber,
) -> Result<HttpResponse, Problem> {
    match api.cancel_transcription.execute(caller, number).await {
        Ok(_) => Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8"))
            .body("OK")),
        Err(ChangeError::Transition(_)) => {
            let text = "You can't cancel a finished job";
            Err(Problem::new(StatusCode::CONFLICT, "job_finished", text))
        }
        Err(error) => Err(error.into()),
    }
}
