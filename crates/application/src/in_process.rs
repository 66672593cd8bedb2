//! Ports that need nothing but this process.

mod gates;
mod session_cache;

use async_trait::async_trait;
use lectern_domain::transcription::TranscriptionId;
use tokio::sync::{broadcast, watch};

use crate::ports::{EventBus, Watch};

pub use session_cache::LocalSessionCache;

/// News within one process.
pub struct LocalEventBus {
    transcriptions: broadcast::Sender<TranscriptionId>,
    jobs: watch::Sender<()>,
}

impl LocalEventBus {
    /// So many hints may be unread before a slow watcher has to look for itself.
    const BACKLOG: usize = 1024;
}

impl Default for LocalEventBus {
    fn default() -> Self {
        Self { transcriptions: broadcast::Sender::new(Self::BACKLOG), jobs: watch::Sender::new(()) }
    }
}

impl EventBus for LocalEventBus {
    fn publish(&self, id: TranscriptionId) {
        // An error means that nobody watches.
        let _ = self.transcriptions.send(id);
    }

    fn announce_job(&self) {
        self.jobs.send_replace(());
    }

    fn watch(&self, id: TranscriptionId) -> Box<dyn Watch> {
        Box::new(TranscriptionWatch { id, news: self.transcriptions.subscribe() })
    }

    fn watch_jobs(&self) -> Box<dyn Watch> {
        Box::new(JobWatch { news: self.jobs.subscribe() })
    }
}

struct TranscriptionWatch {
    id: TranscriptionId,
    news: broadcast::Receiver<TranscriptionId>,
}

#[async_trait]
impl Watch for TranscriptionWatch {
    async fn changed(&mut self) {
        loop {
            match self.news.recv().await {
                Ok(id) if id == self.id => return,
                Ok(_) => {}
                // Hints were lost, and this one's may have been among them.
                Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

struct JobWatch {
    news: watch::Receiver<()>,
}

#[async_trait]
impl Watch for JobWatch {
    async fn changed(&mut self) {
        if self.news.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
