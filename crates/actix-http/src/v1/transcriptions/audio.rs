//! The recording itself, whole or in ranges (RFC 9110, section 14).

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{
        StatusCode,
        header::{self, ByteRangeSpec, Header, Range},
    },
    web::Data,
};
use lectern_application::ports::{AudioStream, ByteRange};
use lectern_domain::transcription::{Recording, TranscriptionId};

use crate::{
    api::Api,
    extract::{Id, SignedIn},
    failures::{CallerFailures, Missing, RangeFailures},
    problem::Problem,
};

/// Get the recording back, whole or a range of it.
#[utoipa::path(
    tag = "transcriptions",
    params(
        ("id" = Uuid, Path, description = "The transcription"),
        ("Range" = Option<String>, Header, description = "One range of bytes, such as `bytes=0-1023`"),
    ),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, description = "The recording", content_type = "audio/*"),
        (status = 206, description = "The range asked for", content_type = "audio/*"),
        CallerFailures, Missing, RangeFailures,
    )
)]
#[get("/transcriptions/{id}/audio")]
pub(super) async fn listen(
    api: Data<Api>,
    caller: SignedIn,
    id: Id,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let id = TranscriptionId(id.0);
    let view = api.read_transcription.execute(&caller.0, id).await?;
    let range = requested_range(&request, view.transcription.parts().recording.bytes)?;
    let (transcription, stream) = api.listen_to_recording.execute(&caller.0, id, range).await?;
    Ok(respond(&transcription.parts().recording, stream, range))
}

/// The one range that is asked for. Headers that can't be read, and several ranges at once, ask for everything.
pub(in crate::v1) fn requested_range(
    request: &HttpRequest,
    total: u64,
) -> Result<Option<ByteRange>, Problem> {
    let Ok(Range::Bytes(specs)) = Range::parse(request) else { return Ok(None) };
    let [spec] = specs.as_slice() else { return Ok(None) };
    match ByteRangeSpec::to_satisfiable_range(spec, total) {
        Some((first, last)) => Ok(Some(ByteRange { start: first, end: Some(last.saturating_add(1)) })),
        None => Err(Problem::new(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "range_not_satisfiable",
            format!("the recording has {total} bytes"),
        )),
    }
}

/// Streams a recording.
pub(in crate::v1) fn respond(
    recording: &Recording,
    stream: AudioStream,
    range: Option<ByteRange>,
) -> HttpResponse {
    let length = stream.range.end.saturating_sub(stream.range.start);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, recording.media_type.as_str()))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::ETAG, format!("\"{}\"", recording.sha256)))
        .insert_header((header::CACHE_CONTROL, "private"))
        .no_chunking(length);
    if range.is_some() {
        let last = stream.range.end.saturating_sub(1);
        response.status(StatusCode::PARTIAL_CONTENT).insert_header((
            header::CONTENT_RANGE,
            format!("bytes {}-{last}/{}", stream.range.start, stream.total),
        ));
    }
    response.streaming(stream.bytes)
}
