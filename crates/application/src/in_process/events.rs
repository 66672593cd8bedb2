//! News within one process.

use async_trait::async_trait;
use lectern_domain::transcription::TranscriptionId;
use tokio::sync::{broadcast, watch};

use crate::ports::{EventBus, Watch};

/// News within one process.
pub struct LocalEventBus {
    transcriptions: broadcast::Sender<News>,
    jobs: watch::Sender<()>,
    mails: watch::Sender<()>,
}

/// What a hint is about.
#[derive(Debug, Clone, Copy)]
enum News {
    Of(TranscriptionId),
    /// Hints were lost, nobody knows which.
    OfAny,
}

impl LocalEventBus {
    /// So many hints may be unread before a slow watcher has to look for itself.
    const BACKLOG: usize = 1024;

    /// Hints at everything, for when hints of others may have been lost.
    pub fn wake_all(&self) {
        // An error means that nobody watches.
        let _ = self.transcriptions.send(News::OfAny);
        self.announce_job();
        self.announce_mail();
    }
}

impl Default for LocalEventBus {
    fn default() -> Self {
        Self {
            transcriptions: broadcast::Sender::new(Self::BACKLOG),
            jobs: watch::Sender::new(()),
            mails: watch::Sender::new(()),
        }
    }
}

impl EventBus for LocalEventBus {
    fn publish(&self, id: TranscriptionId) {
        // An error means that nobody watches.
        let _ = self.transcriptions.send(News::Of(id));
    }

    fn announce_job(&self) {
        self.jobs.send_replace(());
    }

    fn announce_mail(&self) {
        self.mails.send_replace(());
    }

    fn watch(&self, id: TranscriptionId) -> Box<dyn Watch> {
        Box::new(TranscriptionWatch { id, news: self.transcriptions.subscribe() })
    }

    fn watch_jobs(&self) -> Box<dyn Watch> {
        Box::new(QueueWatch { news: self.jobs.subscribe() })
    }

    fn watch_mails(&self) -> Box<dyn Watch> {
        Box::new(QueueWatch { news: self.mails.subscribe() })
    }
}

struct TranscriptionWatch {
    id: TranscriptionId,
    news: broadcast::Receiver<News>,
}

#[async_trait]
impl Watch for TranscriptionWatch {
    async fn changed(&mut self) {
        loop {
            match self.news.recv().await {
                Ok(News::Of(id)) if id != self.id => {}
                // Where hints were lost, this one's may have been among them.
                Ok(News::Of(_) | News::OfAny) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

struct QueueWatch {
    news: watch::Receiver<()>,
}

#[async_trait]
impl Watch for QueueWatch {
    async fn changed(&mut self) {
        if self.news.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn when_hints_were_lost_everybody_looks_once() {
        let bus = LocalEventBus::default();
        let mut watches = [bus.watch(TranscriptionId(Uuid::nil())), bus.watch_jobs(), bus.watch_mails()];
        bus.wake_all();
        for watch in &mut watches {
            assert!(watch.changed().now_or_never().is_some());
            assert!(watch.changed().now_or_never().is_none());
        }
    }
}
