//! What a server does when nobody asks.

use std::{sync::Arc, time::Duration};

use lectern_application::{
    maintenance::{Purge, Retention},
    worker::Worker,
};
use lectern_domain::transcription::WorkerName;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::{Adapters, Recognition, recognition, use_cases::jobs};
use crate::{
    config::{Settings, WorkerPlace},
    failure::Failure,
};

/// What the worker in the server's process is called.
const EMBEDDED_NAME: &str = "embedded";
/// A server that has just started has better things to do than to clean up.
const FIRST_PURGE: Duration = Duration::from_mins(1);
const PURGE_INTERVAL: Duration = Duration::from_hours(1);

/// The worker in this process, if there is to be one. Without a recogniser there is none: jobs stay queued until a
/// worker with one comes, and the log says so.
pub(crate) fn embedded_worker(of: &Adapters, settings: &Settings) -> Result<Option<Worker>, Failure> {
    if settings.worker == WorkerPlace::Off {
        return Ok(None);
    }
    match recognition(&settings.recognizer)? {
        Recognition::Here(recognizer) => {
            let name = WorkerName::parse(EMBEDDED_NAME)
                .map_err(|error| Failure::operation("can't name the worker").because(error))?;
            let source = Arc::new(jobs(of, settings));
            Ok(Some(Worker { name, source, decoder: of.sound.clone(), recognizer }))
        }
        Recognition::Elsewhere { why } => {
            tracing::warn!(
                "RECORDINGS WILL NOT BE TRANSCRIBED by this server, they wait for a worker: {why}"
            );
            Ok(None)
        }
    }
}

/// Removes what was kept long enough, every hour, until `shutdown`. A failure is logged and tried again the next hour.
pub(crate) async fn purge_regularly(purge: Purge, shutdown: CancellationToken) {
    let mut hours = interval_at(Instant::now() + FIRST_PURGE, PURGE_INTERVAL);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = hours.tick() => {}
        }
        // What was removed before stays removed, so it can stop at any point.
        let purged = tokio::select! {
            () = shutdown.cancelled() => return,
            purged = purge.execute() => purged,
        };
        match purged {
            Ok(purged) => tracing::debug!(?purged, "purged"),
            Err(error) => {
                let failure = Failure::operation("can't purge").because(error);
                tracing::warn!("{failure}");
            }
        }
    }
}

impl From<&Adapters> for Purge {
    fn from(of: &Adapters) -> Self {
        Self {
            transactions: of.transactions.clone(),
            queries: of.queries.clone(),
            audio: of.audio.clone(),
            clock: of.clock.clone(),
            retention: Retention::default(),
        }
    }
}
