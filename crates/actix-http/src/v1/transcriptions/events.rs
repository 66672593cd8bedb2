//! Progress as server-sent events (WHATWG HTML, section 9.2).
//!
//! Ids of events are revisions of the transcription, so a client that comes back with `Last-Event-ID`, to whichever
//! replica, gets what it missed.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Bytes, Data},
};
use futures::{Stream, StreamExt, stream};
use lectern_application::{ports::StoreError, transcriptions::Progress};
use lectern_domain::transcription::TranscriptionId;
use serde::Serialize;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::dto::{ChunkBody, TranscriptionBody};
use crate::{
    api::Api,
    extract::{Id, SignedIn},
    failures::{CallerFailures, Missing},
    measured::Present,
    problem::Problem,
    v1::time::seconds,
};

/// How often a comment is sent when nothing happens, so that proxies keep the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Watch a transcription: events `chunk` and, after each batch of them, `state` and `progress`. Ends with the final
/// state.
#[utoipa::path(
    tag = "transcriptions",
    params(
        ("id" = Uuid, Path, description = "The transcription"),
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event seen"),
    ),
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = String, content_type = "text/event-stream"),
        CallerFailures, Missing,
    )
)]
#[get("/transcriptions/{id}/events")]
pub(super) async fn watch(
    api: Data<Api>,
    shutdown: Data<CancellationToken>,
    caller: SignedIn,
    id: Id,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let last = request.headers().get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let batches = api.watch_transcription.execute(&caller.0, TranscriptionId(id.0), last).await?;
    let shutdown = CancellationToken::clone(&shutdown);
    let present = Present::listener();
    let events = with_keep_alive(batches).take_until(shutdown.cancelled_owned()).inspect(move |_| {
        // For as long as the stream is there.
        let _present = &present;
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events))
}

/// Batches as events, and a comment whenever none came for a while.
fn with_keep_alive(
    batches: impl Stream<Item = Result<Vec<Progress>, StoreError>> + 'static,
) -> impl Stream<Item = Result<Bytes, StoreError>> {
    // A time-out must not drop the step that is under way, so the stream is kept and polled on.
    stream::unfold(Some(Box::pin(batches)), |batches| async {
        let mut batches = batches?;
        Some(match timeout(KEEP_ALIVE, batches.next()).await {
            Err(_) => (Ok(Bytes::from_static(b": keep-alive\n\n")), Some(batches)),
            Ok(Some(Ok(batch))) => (Ok(batch.iter().map(event).collect::<String>().into()), Some(batches)),
            Ok(Some(Err(error))) => {
                tracing::warn!(%error, "a watcher was cut off");
                (Err(error), None)
            }
            Ok(None) => return None,
        })
    })
}

#[derive(Serialize)]
struct ProgressBody {
    done: u32,
    planned: u32,
    eta_seconds: Option<f64>,
}

fn event(progress: &Progress) -> String {
    match progress {
        Progress::Chunk { revision, chunk, of } => {
            let body = ChunkBody::new(chunk, of.transcription.parts().plan);
            frame("chunk", *revision, &body)
        }
        Progress::State { view, eta } => {
            let parts = view.transcription.parts();
            let progress = ProgressBody {
                done: view.chunks_done,
                planned: parts.plan.planned_count(),
                eta_seconds: eta.map(seconds),
            };
            let state = frame("state", parts.revision, &TranscriptionBody::from(view));
            state + &frame("progress", parts.revision, &progress)
        }
    }
}

fn frame(name: &str, id: u32, body: &impl Serialize) -> String {
    // JSON has no line breaks of its own, so one data line is enough; numbers and strings always serialise.
    let data = serde_json::to_string(body).unwrap_or_default();
    format!("event: {name}\nid: {id}\ndata: {data}\n\n")
}
