//! Transcripts as files.

use actix_web::{
    HttpResponse, get,
    http::header::{
        CONTENT_TYPE, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue,
    },
    web::Data,
};
use lectern_application::ports::ExportFormat;
use lectern_domain::transcription::{Transcription, TranscriptionId};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::Api,
    extract::{Id, Query, SignedIn},
    failures::{CallerFailures, Clash, Missing, QueryFailures},
    problem::Problem,
};

/// As what to export.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportParams {
    /// `txt`, `docx`, `srt`, `vtt` or `json`.
    #[param(example = "docx", pattern = "^(txt|docx|srt|vtt|json)$")]
    format: String,
}

/// Export what is transcribed so far.
#[utoipa::path(
    tag = "transcriptions",
    params(("id" = Uuid, Path, description = "The transcription"), ExportParams),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The file", content(
            (String = "text/plain"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            (String = "application/x-subrip"),
            (String = "text/vtt"),
            (serde_json::Value = "application/json"),
        )),
        QueryFailures, CallerFailures, Missing, Clash,
    )
)]
#[get("/transcriptions/{id}/export")]
pub(super) async fn export(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    query: Query<ExportParams>,
) -> Result<HttpResponse, Problem> {
    let format = ExportFormat::parse(&query.0.format).ok_or_else(|| {
        let names = ExportFormat::NAMED.map(ExportFormat::as_str).join(", ");
        Problem::field("format", format!("must be one of {names}"))
    })?;
    let (view, document) = api.export_transcript.execute(&caller.0, TranscriptionId(id.0), format).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, document.format.media_type()))
        .insert_header(attachment(&view.transcription, document.format))
        .body(document.bytes))
}

/// A file name after the title (RFC 6266), and one in plain ASCII for clients that can't read that.
fn attachment(transcription: &Transcription, format: ExportFormat) -> ContentDisposition {
    let parts = transcription.parts();
    let plain = format!("transcript-{}.{}", parts.number.0, format.as_str());
    let mut parameters = vec![DispositionParam::Filename(plain)];
    if let Some(title) = &parts.title {
        let name: String =
            title.as_str().chars().map(|c| if "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect();
        parameters.push(DispositionParam::FilenameExt(ExtendedValue {
            charset: Charset::Ext("UTF-8".to_owned()),
            language_tag: None,
            value: format!("{name}.{}", format.as_str()).into_bytes(),
        }));
    }
    ContentDisposition { disposition: DispositionType::Attachment, parameters }
}
