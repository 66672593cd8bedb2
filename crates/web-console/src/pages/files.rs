//! Downloads. They are the API's; the way to them leads through here, as a browser whose access token has expired is sent
//! for another one here, and not there.

use actix_web::{
    HttpResponse,
    web::{Path, Query},
};
use lectern_application::ports::ExportFormat;
use serde::Deserialize;

use super::transcription_id;
use crate::{answer, failure::Failure, gate::Visitor};

/// As what to export.
#[derive(Deserialize)]
pub(crate) struct Parameters {
    format: Option<String>,
}

/// The way to the transcript as a file.
pub(crate) async fn export(
    _: Visitor,
    id: Path<String>,
    query: Query<Parameters>,
) -> Result<HttpResponse, Failure> {
    let id = transcription_id(&id)?.0;
    let format = query.format.as_deref().and_then(ExportFormat::parse);
    let format = format.ok_or_else(Failure::not_found)?.as_str();
    Ok(answer::redirect(&format!("/v1/transcriptions/{id}/export?format={format}")))
}

/// The way to the recording.
pub(crate) async fn audio(_: Visitor, id: Path<String>) -> Result<HttpResponse, Failure> {
    let id = transcription_id(&id)?.0;
    Ok(answer::redirect(&format!("/v1/transcriptions/{id}/audio")))
}
