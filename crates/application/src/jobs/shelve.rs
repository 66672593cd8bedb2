//! Recordings for workers that know nothing but whose they are.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{chain, use_case_error},
    ports::{AudioStoreError, Queries, StoreError, WorkerShelf},
};

/// How long what is over may stay on the shelf.
const POLL: Duration = Duration::from_secs(1);

/// Shows the recordings of active transcriptions to workers that hear of a job by a message, and find its recording by
/// the number of its owner.
///
/// The shelf is made anew of what is stored, each time. So it is right again a moment after a job ended, whatever ended
/// it, and after a crash; and no use case has to think of it.
#[derive(Clone)]
pub struct ShelveRecordings {
    queries: Arc<dyn Queries>,
    shelf: Arc<dyn WorkerShelf>,
    /// Whoever looked first shows first: what they saw is older.
    turn: Arc<Mutex<()>>,
}

/// Why the shelf is not as it should be.
#[derive(Debug, thiserror::Error)]
pub enum ShelveError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The shelf, or the store of recordings behind it, failed.
    #[error(transparent)]
    Shelf(#[from] AudioStoreError),
}

use_case_error!(ShelveError { ..Store, Shelf });

impl ShelveRecordings {
    /// Of these ports.
    pub fn new(queries: Arc<dyn Queries>, shelf: Arc<dyn WorkerShelf>) -> Self {
        Self { queries, shelf, turn: Arc::default() }
    }

    /// Shows the recordings of all transcriptions that are active now, and no others.
    pub async fn execute(&self) -> Result<(), ShelveError> {
        let _turn = self.turn.lock().await;
        let active = self.queries.active_recordings().await?;
        Ok(self.shelf.show(&active).await?)
    }

    /// Keeps the shelf as it should be until `shutdown`. It can stop at any point.
    pub async fn run(&self, shutdown: CancellationToken) {
        let keep = self.keep();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = keep => {}
        }
    }

    async fn keep(&self) {
        let mut has_failed = false;
        loop {
            match self.execute().await {
                Ok(()) => has_failed = false,
                // Announcing a job fails with it, and is tried again more slowly.
                Err(error) if !has_failed => {
                    has_failed = true;
                    tracing::warn!(
                        error = chain(&error),
                        "recordings can't be shown to workers; trying again"
                    );
                }
                Err(error) => {
                    tracing::debug!(error = chain(&error), "recordings still can't be shown to workers");
                }
            }
            sleep(POLL).await;
        }
    }
}
