//! Watching a transcription while it happens.
//!
//! Everything that is shown is read from the database; the event bus only says when to look. So a watcher that was
//! away, or comes to another replica, misses nothing: it says which revision it knows, and gets what came after.

use std::{sync::Arc, time::Duration};

use futures::{Stream, stream};
use lectern_domain::{
    account::Standing,
    session::SessionId,
    time::Timestamp,
    transcription::{Chunk, TranscriptionId},
};

use super::{ReadError, ownership::visible};
use crate::{
    Caller,
    ports::{Clock, EventBus, Queries, StoreError, TranscriptionView, Watch},
};

/// How long to wait for a hint before looking anyway.
const POLL: Duration = Duration::from_secs(5);

/// Streams what happens to a transcription. Needs `transcriptions.read`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct WatchTranscription {
    pub queries: Arc<dyn Queries>,
    pub events: Arc<dyn EventBus>,
    pub clock: Arc<dyn Clock>,
}

/// Something to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A chunk was stored at that revision.
    Chunk {
        /// The revision.
        revision: u32,
        /// The chunk.
        chunk: Chunk,
        /// The transcription that it belongs to.
        of: TranscriptionView,
    },
    /// How the transcription is now. Always the last of a batch.
    State {
        /// The transcription.
        view: TranscriptionView,
        /// How long it may still take, if that can be told.
        eta: Option<Duration>,
    },
}

/// Where a watcher stands.
struct Watcher {
    queries: Arc<dyn Queries>,
    clock: Arc<dyn Clock>,
    watch: Box<dyn Watch>,
    /// Whose token let the watcher in. When the session ends, so does the watching.
    session: SessionId,
    id: TranscriptionId,
    known: u32,
    /// When watching began, and how many chunks were done then: what the estimate is made of.
    pace: Option<(Timestamp, u32)>,
    phase: Phase,
}

enum Phase {
    /// Look at once.
    First,
    /// Wait for news, then look.
    Waiting,
    /// The transcription is final, or gone.
    Over,
}

impl WatchTranscription {
    /// Streams what came after the revision `known`, and what comes, until the transcription is final. The first batch
    /// comes at once, and the stream ends with the session that asked for it; each batch holds the new chunks in order and then the state.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: TranscriptionId,
        known: Option<u32>,
    ) -> Result<impl Stream<Item = Result<Vec<Progress>, StoreError>> + Send + use<>, ReadError> {
        // Watch before looking, so that nothing falls between the two.
        let watch = self.events.watch(id);
        visible(&*self.queries, caller, id).await?;
        let watcher = Watcher {
            queries: Arc::clone(&self.queries),
            clock: Arc::clone(&self.clock),
            watch,
            session: caller.principal.session,
            id,
            known: known.unwrap_or(0),
            pace: None,
            phase: Phase::First,
        };
        Ok(stream::unfold(watcher, |mut watcher| async {
            let batch = watcher.next().await?;
            Some((batch, watcher))
        }))
    }
}

impl Watcher {
    async fn next(&mut self) -> Option<Result<Vec<Progress>, StoreError>> {
        loop {
            let first = match self.phase {
                Phase::Over => return None,
                Phase::First => true,
                Phase::Waiting => {
                    // Either way, look.
                    let _ = tokio::time::timeout(POLL, self.watch.changed()).await;
                    false
                }
            };
            match may_go_on(&*self.queries, self.session, self.clock.now()).await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.phase = Phase::Over;
                    return Some(Err(error));
                }
            }
            let changes = match self.queries.changes_since(self.id, self.known).await {
                Ok(Some(changes)) => changes,
                Ok(None) => return None,
                Err(error) => {
                    self.phase = Phase::Over;
                    return Some(Err(error));
                }
            };
            let revision = changes.view.transcription.parts().revision;
            let final_now = !changes.view.transcription.state().is_active();
            self.phase = if final_now { Phase::Over } else { Phase::Waiting };
            if !first && revision == self.known {
                continue;
            }
            self.known = revision;
            let eta = self.estimate(&changes.view);
            let view = changes.view;
            let chunks = changes.chunks.into_iter();
            let mut batch: Vec<_> = chunks
                .map(|(revision, chunk)| Progress::Chunk { revision, chunk, of: view.clone() })
                .collect();
            batch.push(Progress::State { view, eta });
            return Some(Ok(batch));
        }
    }

    /// The pace since watching began, applied to the chunks that are left.
    fn estimate(&mut self, view: &TranscriptionView) -> Option<Duration> {
        let now = self.clock.now();
        let (since, done_then) = *self.pace.get_or_insert((now, view.chunks_done));
        let done = view.chunks_done.checked_sub(done_then).filter(|done| *done > 0)?;
        let left = view.transcription.parts().plan.planned_count().saturating_sub(view.chunks_done);
        Some(now.since(since) / done * left)
    }
}

/// Whether the session and the account behind it still are what they were when the watching began.
async fn may_go_on(queries: &dyn Queries, session: SessionId, now: Timestamp) -> Result<bool, StoreError> {
    let view = queries.session(session).await?;
    Ok(view.is_some_and(|view| view.session.is_live(now) && view.account.user.standing() == Standing::Active))
}
